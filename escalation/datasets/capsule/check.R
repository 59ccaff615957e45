# Derive the answers of an exported trial anew from its data sets, and compare them with the program's own.
#
#     Rscript check.R [FOLDER]
#
# Needs R 4.0 or newer with its package survival. Without an argument it checks the export that it lies in. It is written
# from the rules, not from the program: docs/domain.md of the program, sections 3 (3+3), 7 and 8 (response and times).
# Prints each figure with "equal" or "differs"; ends with 0 when all are equal, with 1 when one differs.

suppressPackageStartupMessages(library(survival))

OBJECTIVE <- c("sCR", "CR", "VGPR", "PR")
BENEFIT <- c(OBJECTIVE, "MR")
NEAR <- 1e-6

lies_in <- function() {
  file <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
  dirname(dirname(normalizePath(file[1])))
}

given <- commandArgs(trailingOnly = TRUE)
where <- if (length(given)) given[1] else lies_in()

read_set <- function(name) {
  file <- file.path(where, c("data", "capsule/data"), paste0(name, ".csv"))
  if (!any(file.exists(file))) stop("there is no ", name, ".csv in ", where)
  read.csv(file[file.exists(file)][1], colClasses = "character", na.strings = "", encoding = "UTF-8")
}

# A figure a line, in the order of the program's own file.
read_answers <- function() {
  lines <- readLines(file.path(where, "capsule", "answers.json"), encoding = "UTF-8", warn = FALSE)
  text <- '"((?:[^"\\\\]|\\\\.)*)"'
  shape <- sprintf('^\\{"figure": %s, "group": %s, "name": %s, "value": (.*)\\},?$', text, text, text)
  parts <- regmatches(lines, regexec(shape, lines, perl = TRUE))
  parts <- do.call(rbind, parts[lengths(parts) == 5])
  if (is.null(parts)) return(data.frame(key = character(), value = character()))
  plain <- function(x) gsub('\\\\(["\\\\/])', "\\1", x)
  data.frame(key = paste(plain(parts[, 2]), plain(parts[, 3]), plain(parts[, 4]), sep = " | "), value = parts[, 5])
}

found <- list()
put <- function(figure, group, name, value) {
  found[[paste(figure, group, name, sep = " | ")]] <<- if (length(value) && !is.na(value)) value else NA
}

# The 3+3 rule: counts of patients by level, where the trial stands, and what follows ---------------------------------

rule_failed <- function(r, n, x) x > (if (n <= r$a) r$d else min(r$e, r$d + n - r$a))
rule_passed <- function(r, k) {
  if (r$rolling && k[["w"]] > 0) return(k[["n"]] + k[["w"]] >= r$a + r$b && k[["x"]] + k[["w"]] <= r$e)
  (k[["n"]] >= r$a && k[["x"]] < r$c) || k[["n"]] >= r$a + r$b
}
rule_enough <- function(r, n, x) n >= r$a + r$b || (r$rolling && n == r$a + r$b - 1 && x == 0) # to be the MTD
rule_places <- function(r, n) if (n < r$a && !r$rolling) r$a else r$a + r$b

closed_from <- function(r, counts) {
  failed <- which(apply(counts, 1, function(k) rule_failed(r, k[["n"]] + k[["w"]], k[["x"]])))
  min(c(failed, r$committee, r$levels + 1))
}

# The level where the trial stands and the patients wanted there in all; 0 patients: it ends there.
stands <- function(r, counts) {
  six <- r$a + r$b
  top <- closed_from(r, counts) - 1
  if (top < r$start) {
    if (top == 0 || r$variant == "N") return(c(0, 0))
    return(c(top, if (rule_enough(r, counts[top, "n"], counts[top, "x"])) 0 else rule_places(r, counts[top, "n"])))
  }
  for (level in r$start:top) {
    n <- counts[level, "n"]
    x <- counts[level, "x"]
    if (rule_passed(r, counts[level, ])) next
    above <- if (level < top) (level + 1):top else integer()
    vouches <- vapply(above, function(k) {
      rule_passed(r, counts[k, ]) && (x == 0 || counts[k, "n"] >= six)
    }, logical(1))
    if (n > 0 && any(vouches)) next # it lost its standing after the trial moved on
    return(c(level, rule_places(r, n)))
  }
  ends <- r$variant == "N" || (r$variant == "D3" && top == r$levels)
  c(top, if (ends || rule_enough(r, counts[top, "n"], counts[top, "x"])) 0 else six)
}

follows <- function(r, counts, stand, last) {
  level <- stand[1]
  wanted <- stand[2]
  if (level == 0) return(c("none_tolerated", 0))
  if (wanted == 0) return(c(if (level == r$levels) "top_tolerated" else "mtd", level))
  if (last > 0 && level > last) return(c("escalate", level))
  if (level < last) return(c("de_escalate", level))
  dosed <- counts[level, "n"] + counts[level, "w"]
  c(if (!r$rolling && dosed == r$a && wanted > r$a) "expand" else "enrol", level)
}

recommended <- function(r, counts, last) {
  known <- stands(r, counts)
  if (!r$early_stop) {
    failed <- closed_from(r, counts)
    if (failed <= r$levels && counts[failed, "w"] > 0 &&
        rule_failed(r, counts[failed, "n"] + counts[failed, "w"], counts[failed, "x"])) return(c("wait", last))
  }
  bads <- as.matrix(expand.grid(lapply(counts[, "w"], function(w) 0:w)))
  ways <- lapply(seq_len(nrow(bads)), function(k) {
    cbind(n = counts[, "n"] + counts[, "w"], x = counts[, "x"] + bads[k, ], w = 0)
  })
  outcomes <- unique(lapply(ways, function(way) follows(r, way, stands(r, way), last)))
  if (length(outcomes) == 1) return(outcomes[[1]])
  level <- known[1]
  dosed <- if (level > 0) counts[level, "n"] + counts[level, "w"] else 0
  best <- stands(r, ways[[1]]) # the first has no further DLT
  if (r$rolling) {
    fills <- known[2] > 0 && level %in% c(best[1], last) && dosed > 0 && dosed < known[2]
    return(if (fills) follows(r, counts, known, last) else c("wait", last))
  }
  if (known[2] > 0 && dosed > 0 && dosed < r$a) return(follows(r, counts, known, last))
  if (known[2] > 0 && best[1] == level && r$a < dosed && dosed < best[2]) return(follows(r, counts, best, last))
  c("wait", last)
}

derive_rule <- function(rule, patients) {
  one <- function(name) rule$value[rule$name == name][1]
  labels <- rule$value[rule$name == "level"]
  r <- list(variant = one("variant"), early_stop = one("early_stop") == "yes", levels = length(labels),
            rolling = one("variant") == "rolling_six", committee = if (is.na(one("closed_by_committee"))) Inf else as.integer(one("closed_by_committee")))
  for (name in c("a", "b", "c", "d", "e", "start")) r[[name]] <- as.integer(one(name))
  patients <- patients[order(patients$WINSDT, patients$USUBJID), ]
  counted <- patients[patients$COHROLE == "ESCALATION", ]
  counts <- t(vapply(labels, function(label) {
    here <- counted$DLTSTAT[counted$TRT01A == label]
    c(n = sum(here %in% c("DLT", "NO DLT")), x = sum(here == "DLT"), w = sum(here %in% c("PENDING", "SUSPECTED")))
  }, c(n = 0, x = 0, w = 0)))
  for (k in seq_along(labels)) {
    put("tally", labels[k], "evaluable", counts[k, "n"])
    put("tally", labels[k], "dlts", counts[k, "x"])
    put("tally", labels[k], "pending", counts[k, "w"])
  }
  last <- match(counted$TRT01A[counted$DLTSTAT != "NOT EVALUABLE"], labels)
  answer <- recommended(r, counts, if (length(last)) last[length(last)] else 0)
  level <- as.integer(answer[2])
  put("recommendation", "all", "action", answer[1])
  put("recommendation", "all", "level", if (level > 0) labels[level] else NA)
}

# Response and times ---------------------------------------------------------------------------------------------------

groups_of <- function(subjects) {
  labels <- unique(subjects$TRT01A)
  c(list(all = subjects), setNames(lapply(labels, function(label) subjects[subjects$TRT01A == label, ]), labels))
}

derive_responses <- function(denominator, subjects, responses) {
  best <- responses[responses$PARAMCD == "CBRSP", ]
  groups <- groups_of(subjects)
  for (k in seq_along(groups)) {
    base <- groups[[k]]
    if (denominator != "all_treated") base <- base[base$RESPFL %in% "Y", ]
    confirmed <- best$AVALC[match(base$USUBJID, best$USUBJID)]
    for (figure in c("ORR", "CBR")) {
      x <- sum(confirmed %in% (if (figure == "ORR") OBJECTIVE else BENEFIT))
      limits <- if (nrow(base)) binom.test(x, nrow(base))$conf.int else c(NA, NA)
      put(figure, names(groups)[k], "x", x)
      put(figure, names(groups)[k], "n", nrow(base))
      put(figure, names(groups)[k], "lower", limits[1])
      put(figure, names(groups)[k], "upper", limits[2])
    }
  }
}

derive_times <- function(subjects, times) {
  groups <- groups_of(subjects)
  for (figure in c("TTP", "PFS", "TTR", "DOR", "OS")) {
    of <- times[times$PARAMCD == figure, ]
    for (k in seq_along(groups)) {
      mine <- of[of$USUBJID %in% groups[[k]]$USUBJID, ]
      put(figure, names(groups)[k], "n", nrow(mine))
      put(figure, names(groups)[k], "events", sum(mine$CNSR == "0"))
      middle <- c(NA, NA, NA)
      if (nrow(mine)) {
        curve <- survfit(Surv(as.numeric(mine$AVAL), mine$CNSR == "0") ~ 1, conf.type = "log-log")
        middle <- unlist(quantile(curve, 0.5))
      }
      put(figure, names(groups)[k], "median", middle[1])
      put(figure, names(groups)[k], "lower", middle[2])
      put(figure, names(groups)[k], "upper", middle[3])
    }
  }
}

# The comparison -------------------------------------------------------------------------------------------------------

told <- read_answers()
rule <- read.csv(file.path(where, "capsule", "rule.csv"), colClasses = "character", na.strings = "",
                                  encoding = "UTF-8")
if (nrow(rule)) {
  subjects <- read_set("adsl")
  subjects <- subjects[subjects$SAFFL %in% "Y", ]
  derive_rule(rule, read_set("addlt"))
  derive_responses(rule$value[rule$name == "denominator"], subjects, read_set("adrs"))
  derive_times(subjects, read_set("adtte"))
}

said <- function(value) {
  if (is.na(value)) "not estimable" else if (is.numeric(value)) format(value, digits = 6) else as.character(value)
}

wrong <- 0
for (k in seq_len(nrow(told))) {
  text <- told$value[k]
  mine <- if (told$key[k] %in% names(found)) found[[told$key[k]]] else "not derived"
  if (text == "null") {
    value <- NA
    same <- is.na(mine)
  } else if (startsWith(text, '"')) {
    value <- gsub('\\\\(["\\\\/])', "\\1", substr(text, 2, nchar(text) - 1))
    same <- !is.na(mine) && as.character(mine) == value
  } else {
    value <- as.numeric(text)
    same <- is.numeric(mine) && !is.na(mine) && abs(mine - value) <= NEAR * max(1, abs(value))
  }
  if (!same) wrong <- wrong + 1
  cat(told$key[k], ": ", said(value), if (same) " equal" else paste0(" differs: derived ", said(mine)), "\n", sep = "")
}
for (key in setdiff(names(found), told$key)) {
  wrong <- wrong + 1
  cat(key, ": the program says nothing, differs: derived ", said(found[[key]]), "\n", sep = "")
}
if (wrong) cat(wrong, "figures differ.\n") else cat("All", nrow(told), "figures are equal.\n")
quit(status = if (wrong) 1 else 0)
