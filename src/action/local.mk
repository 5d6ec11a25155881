# action: files of this floor
