"""A student's work on a lesson: what is asked, how an answer is judged, when it is asked again."""
