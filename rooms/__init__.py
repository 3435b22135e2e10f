"""Media plane: a WebRTC forwarding unit that never decodes. Knows nothing of members, quizzes or databases."""
