home-title = Today
home-tasks = What waits for a person
home-no-tasks = Nothing waits for now. The next run will say if there is something to look at.
