"""Long work: the queue, the worker, the schedule and the jobs."""
