# The demo's table of adverse events, exposure and cumulative incidence by base R and survival, from the same rows.
# Run in the repository's folder: Rscript tests/data/safety/tables.R
# Rows: patients.csv, events.csv, doses.csv (tests/safety_rows.py); days are counted from each first dose, day 0.
# A patient's period and every emergent grade are worked out here anew; until and ended of patients.csv are not read.
suppressPackageStartupMessages(library(survival))
here <- "tests/data/safety"
given <- function(name) read.csv(file.path(here, paste0(name, ".csv")), colClasses = "character", na.strings = "")
keep <- function(rows, name) {
  write.table(rows, file.path(here, paste0("r_", name, ".csv")), sep = ",", quote = TRUE, row.names = FALSE)
}
AFTER <- 30

patients <- given("patients")
for (name in c("number", "cut", "last_dose", "stopped", "therapy", "died", "cycles")) {
  patients[[name]] <- as.numeric(patients[[name]])
}
events <- given("events")
for (name in c("number", "patient", "grade", "onset", "onset_last", "ended")) {
  events[[name]] <- as.numeric(events[[name]])
}

# The period: 30 days after the last dose of who has stopped, and before another therapy; else to the cut.
last <- ifelse(is.na(patients$last_dose), patients$stopped, patients$last_dose)
end <- pmin(ifelse(is.na(patients$stopped), Inf, last + AFTER), ifelse(is.na(patients$therapy), Inf, patients$therapy - 1))
patients$ended <- end < patients$cut
patients$until <- pmin(end, patients$cut)

# Each event: the worst grade of the period, and the first day at grade 3 or higher; NA: not treatment-emergent.
emergent <- function(e) {
  of <- patients[patients$number == e$patient, ]
  if (e$onset > of$until) return(c(NA, NA))
  steps <- if (is.na(e$history)) data.frame(day = e$onset, grade = e$grade) else {
    parts <- do.call(rbind, strsplit(strsplit(e$history, " ")[[1]], ":"))
    data.frame(day = as.numeric(parts[, 1]), grade = as.numeric(parts[, 2]))
  }
  before <- 0
  if (e$onset_last < 0) {
    earlier <- steps[steps$day < 0, ]
    if (nrow(earlier)) before <- earlier$grade[which.max(earlier$day)]
    steps <- steps[steps$day >= 0, ]
  }
  steps$day <- pmax(steps$day, 0)
  steps <- steps[steps$day <= of$until & steps$grade > before, ]
  if (!nrow(steps)) return(c(NA, NA))
  severe <- steps$day[steps$grade >= 3]
  c(max(steps$grade), if (length(severe)) min(severe) else NA)
}
found <- t(sapply(seq_len(nrow(events)), function(k) emergent(events[k, ])))
events$worst <- found[, 1]
events$severe <- found[, 2]
te <- events[!is.na(events$worst), ]
te$level <- patients$level[match(te$patient, patients$number)]

# The table: each patient once a line at the worst grade, by level and all.
lines <- rbind(data.frame(soc = "", term = ""), unique(data.frame(soc = te$soc, term = "")), unique(te[c("soc", "term")]))
levels <- c(sort(unique(patients$level)), "all")
counted <- function(line, level) {
  rows <- te[(line$soc == "" | te$soc == line$soc) & (line$term == "" | te$term == line$term) &
               (level == "all" | te$level == level), ]
  worst <- if (nrow(rows)) tapply(rows$worst, rows$patient, max) else numeric(0)
  n <- sum(level == "all" | patients$level == level)
  data.frame(soc = line$soc, term = line$term, level = level, n = n, any = length(worst), low = sum(worst <= 2),
             high = sum(worst %in% 3:4), five = sum(worst == 5), percent = sprintf("%.10f", 100 * length(worst) / n))
}
keep(do.call(rbind, lapply(seq_len(nrow(lines)), function(k) {
  do.call(rbind, lapply(levels, function(level) counted(lines[k, ], level)))
})), "table")

# Exposure: median, least and most of cycles, days on treatment, and of each drug days and relative dose intensity.
doses <- given("doses")
for (name in c("planned", "taken", "first", "last")) doses[[name]] <- as.numeric(doses[[name]])
patients$days <- ifelse(is.na(patients$stopped), patients$until, last) + 1
each <- data.frame(patient = patients$number, what = "days", value = patients$days)
each <- rbind(each, data.frame(patient = patients$number, what = "cycles", value = patients$cycles))
for (part in split(doses, list(doses$patient, doses$drug), drop = TRUE)) {
  drug <- part$drug[1]
  if (sum(part$planned) > 0) each <- rbind(each, data.frame(
    patient = as.numeric(part$patient[1]), what = paste(drug, "intensity"), value = 100 * sum(part$taken) / sum(part$planned)))
  exposed <- if (all(is.na(part$first))) 0 else max(part$last, na.rm = TRUE) - min(part$first, na.rm = TRUE) + 1
  each <- rbind(each, data.frame(patient = as.numeric(part$patient[1]), what = paste(drug, "days"), value = exposed))
}
each <- each[!is.na(each$value), ]
each$level <- patients$level[match(each$patient, patients$number)]
keep(do.call(rbind, lapply(unique(each$what), function(what) do.call(rbind, lapply(levels, function(level) {
  value <- each$value[each$what == what & (level == "all" | each$level == level)]
  if (!length(value)) return(NULL)
  data.frame(what = what, level = level, n = length(value), median = sprintf("%.10f", median(value)),
             low = sprintf("%.10f", min(value)), high = sprintf("%.10f", max(value)))
})))), "exposure")

# Cumulative incidence of the first grade 3 or higher; of one day it comes before death, and death before the end.
curve <- function(day, state) {
  fit <- survfit(Surv(day, factor(state, c("censored", "event", "death", "ended"))) ~ 1, conf.type = "log-log")
  number <- function(x) ifelse(is.na(x), "", sprintf("%.12f", x))
  data.frame(days = fit$time, n_risk = fit$n.risk[, 1], event = number(fit$pstate[, 2]), std_err = number(fit$std.err[, 2]),
             lower = number(fit$lower[, 2]), upper = number(fit$upper[, 2]), death = number(fit$pstate[, 3]),
             ended = number(fit$pstate[, 4]))
}
ends <- sapply(seq_len(nrow(patients)), function(k) {
  of <- patients[k, ]
  severe <- te$severe[te$patient == of$number & !is.na(te$severe)]
  days <- c(event = if (length(severe)) min(severe) else Inf,
            death = if (!is.na(of$died) && of$died <= of$until) of$died else Inf,
            ended = if (of$ended) of$until else Inf, censored = of$until)
  c(min(days), names(days)[which.min(days)])
})
keep(curve(as.numeric(ends[1, ]), ends[2, ]), "incidence")

# Made-up patients, with ties of every kind, that no demo has.
set.seed(7)
cases <- data.frame(days = sample(1:40, 60, TRUE),
                    end = sample(c("event", "death", "ended", "censored"), 60, TRUE, c(.4, .15, .2, .25)))
keep(cases, "cases")
keep(curve(cases$days, cases$end), "cases_incidence")
