"""When loads run and what they need: jobs, schedule, sensors, resources."""
