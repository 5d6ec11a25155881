# chain: files of this floor
