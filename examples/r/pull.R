# Take where a trial stands, and its data sets as tables, into a folder.
#
#     ESCALATION_URL=https://HOST ESCALATION_TOKEN=esc_... Rscript pull.R CODE FOLDER [NAME ...]
#
# NAME: of a data set, as ADAE; ADDLT when none is given. Needs httr2 and jsonlite.
library(httr2)

given <- commandArgs(trailingOnly = TRUE)
url <- Sys.getenv("ESCALATION_URL")
token <- Sys.getenv("ESCALATION_TOKEN")
if (length(given) < 2 || url == "" || token == "") {
  stop("Give CODE and FOLDER, with ESCALATION_URL and ESCALATION_TOKEN in the environment.", call. = FALSE)
}
code <- given[1]
folder <- given[2]
names <- if (length(given) > 2) given[-(1:2)] else "ADDLT"

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
tables <- file.path(folder, paste0(tolower(names), ".csv"))
known <- if (all(file.exists(c(tag_file, status_file, tables)))) readLines(tag_file, warn = FALSE) else ""
answer <- get(paste0(trial, "status"), known)
if (resp_status(answer) == 304) {
  cat("Nothing has changed.\n")
  quit()
}

# CDISC Dataset-JSON as a data frame: what is missing is NA.
frame <- function(found) {
  of_column <- function(k) {
    vapply(found$rows, function(row) if (is.null(row[[k]])) NA_character_ else as.character(row[[k]]), "")
  }
  columns <- lapply(seq_along(found$columns), of_column)
  names(columns) <- vapply(found$columns, function(column) column$name, "")
  as.data.frame(columns)
}

said <- character()
for (k in seq_along(names)) {
  found <- resp_body_json(get(paste0(trial, "datasets/", names[k], "/")))
  write.csv(frame(found), tables[k], row.names = FALSE, na = "")
  said <- c(said, paste0(names[k], " (", found$records, " rows)"))
}
writeBin(resp_body_raw(answer), status_file)
writeLines(resp_header(answer, "ETag"), tag_file) # last: a run that stops before it takes all again
cat("The status and", paste(said, collapse = ", "), "are in", folder, "\n")
