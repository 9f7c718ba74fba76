"""Report files that people downloaded by hand: recognised by their content, looked through before anything is written,
loaded whole or not at all. The watched folder and the plugin's upload page go through the same functions."""
