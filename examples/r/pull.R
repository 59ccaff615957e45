# Take where a trial stands, and its adverse events as a table, into a folder.
#
#     ESCALATION_URL=https://HOST ESCALATION_TOKEN=esc_... Rscript pull.R CODE FOLDER
#
# Needs httr2 and jsonlite.
library(httr2)

given <- commandArgs(trailingOnly = TRUE)
url <- Sys.getenv("ESCALATION_URL")
token <- Sys.getenv("ESCALATION_TOKEN")
if (length(given) != 2 || url == "" || token == "") {
  stop("Give CODE and FOLDER, with ESCALATION_URL and ESCALATION_TOKEN in the environment.", call. = FALSE)
}
code <- given[1]
folder <- given[2]

# What the server said, in a sentence for people.
sentence <- function(answer) {
  if (grepl("problem\\+json", resp_content_type(answer))) {
    return(jsonlite::fromJSON(resp_body_string(answer))$detail)
  }
  resp_status_desc(answer)
}

# An answer that is 200, or 304 where `tag` still holds. Waits as long as a 429 or 503 says.
get <- function(address, tag = "") {
  asked <- request(address)
  asked <- req_headers(asked, Authorization = paste("Bearer", token))
  if (tag != "") asked <- req_headers(asked, `If-None-Match` = tag)
  asked <- req_retry(asked, max_tries = 5) # of 429 and 503, after their Retry-After
  req_perform(req_error(asked, body = sentence))
}

# Every row of a list, page after page.
rows <- function(address) {
  found <- list()
  while (!is.null(address)) {
    page <- resp_body_json(get(address))
    found <- c(found, page$results)
    address <- page[["next"]]
  }
  found
}

api <- paste0(sub("/$", "", url), "/api/v1/")
mine <- Filter(function(one) one$code == code, rows(paste0(api, "trials/")))
if (length(mine) == 0) stop("No trial of yours has the code ", code, ".", call. = FALSE)
trial <- paste0(api, "trials/", mine[[1]]$id, "/")

dir.create(folder, showWarnings = FALSE, recursive = TRUE)
status_file <- file.path(folder, "status.json")
tag_file <- file.path(folder, "status.etag")
known <- if (file.exists(tag_file) && file.exists(status_file)) readLines(tag_file, warn = FALSE) else ""
answer <- get(paste0(trial, "status"), known)
if (resp_status(answer) == 304) {
  cat("Nothing has changed.\n")
  quit()
}

columns <- c("number", "patient", "term", "grade", "onset_on", "ended_on", "serious", "state")
events <- rows(paste0(trial, "events/"))
of_column <- function(name) {
  vapply(events, function(one) if (is.null(one[[name]])) NA_character_ else as.character(one[[name]]), "")
}
table <- as.data.frame(sapply(columns, of_column, simplify = FALSE))
write.csv(table, file.path(folder, "events.csv"), row.names = FALSE, na = "")
writeBin(resp_body_raw(answer), status_file)
writeLines(resp_header(answer, "ETag"), tag_file) # last: a run that stops before it takes all again
cat("The status and", nrow(table), "adverse events are in", folder, "\n")
