"""What is read: tables, pictures, the page."""
