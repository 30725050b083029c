"""What a lesson is: records, protocols, tasks, times and regions. Needs no library but numpy."""
