# A lesson in R: reads the views of a classroom-fer database, prints its tasks and draws its time line.
#
#   Rscript scripts/lesson.R classroom-fer.sqlite [SESSION] [OUT.png]
#
# Needs the packages DBI and RSQLite (Debian, Ubuntu: apt-get install r-cran-dbi r-cran-rsqlite). The database is opened
# for reading only. What the views hide of small groups is NA here.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) < 1 || length(arguments) > 3) {
  stop("usage: Rscript lesson.R DATABASE [SESSION] [OUT.png]", call. = FALSE)
}
if (!file.exists(arguments[1])) {
  stop(sprintf("%s: no such file", arguments[1]), call. = FALSE)
}
session <- if (length(arguments) > 1) as.integer(arguments[2]) else 1L
if (is.na(session)) {
  stop(sprintf("%s is no session's number", arguments[2]), call. = FALSE)
}

database <- DBI::dbConnect(RSQLite::SQLite(), arguments[1], flags = RSQLite::SQLITE_RO)
ask <- function(sql) DBI::dbGetQuery(database, sql, params = list(session = session))

tasks <- ask("SELECT task, mode, n, coverage, grade, engagement, engagement_low, engagement_high, start_s, end_s
              FROM v_task WHERE session_id = :session ORDER BY start_s")
timeline <- ask("SELECT start_s, task, engagement, engagement_low, engagement_high, coverage
                 FROM v_timeline WHERE session_id = :session ORDER BY start_s")
DBI::dbDisconnect(database)
if (nrow(tasks) == 0) {
  stop(sprintf("%s holds no session %d", arguments[1], session), call. = FALSE)
}

print(tasks[, c("task", "mode", "n", "coverage", "grade", "engagement", "engagement_low", "engagement_high")],
      digits = 3, row.names = FALSE)

# How long a state of the class lasts: correlation of the index with itself a minute before, within tasks.
minute_before <- merge(timeline, transform(timeline, start_s = start_s + 60), by = c("start_s", "task"))
pairs <- minute_before[!is.na(minute_before$engagement.x) & !is.na(minute_before$engagement.y), ]
if (nrow(pairs) > 2) {
  cat(sprintf("correlation with the index one minute before: %.2f (%d pairs of bins)\n",
              cor(pairs$engagement.x, pairs$engagement.y), nrow(pairs)))
}

if (length(arguments) == 3) {
  png(arguments[3], width = 1200, height = 500)
  plot(timeline$start_s / 60, timeline$engagement, type = "n", ylim = c(0, 100),
       xlab = "minutes", ylab = "visible engagement index (interval)")
  segments(timeline$start_s / 60, timeline$engagement_low, y1 = timeline$engagement_high, col = "grey60")
  lines(timeline$start_s / 60, timeline$engagement)  # gaps stay gaps
  abline(v = tasks$start_s / 60, lty = 3)
  text(tasks$start_s / 60, 2, tasks$task, adj = c(0, 0), cex = 0.9)
  invisible(dev.off())
  cat(sprintf("drawn: %s\n", arguments[3]))
}
