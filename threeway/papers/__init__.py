"""What papers published, whether it agrees with itself, and what came out here."""
