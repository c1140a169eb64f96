# Screens every pair of files in a folder, and in its folders, with the department's package.
# Prints JSON: for each pair, the number of checks and every check that did not pass. An error of
# the package is a finding of the check `error`.
library(eesyscreener)

folder <- commandArgs(trailingOnly = TRUE)[[1]]
meta_files <- list.files(folder, pattern = "\\.meta\\.csv$", recursive = TRUE)
names <- sub("\\.meta\\.csv$", "", meta_files)

screen <- function(name) {
  results <- tryCatch(
    screen_csv(
      file.path(folder, paste0(name, ".csv")),
      file.path(folder, paste0(name, ".meta.csv"))
    )$results_table,
    error = function(fault) {
      data.frame(check = "error", result = "ERROR", message = conditionMessage(fault))
    }
  )
  findings <- results[results$result != "PASS", c("check", "result", "message")]
  list(checks = nrow(results), findings = findings)
}

cat(jsonlite::toJSON(setNames(lapply(names, screen), names), auto_unbox = TRUE))
