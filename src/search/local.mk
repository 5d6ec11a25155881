# search: files of this floor
