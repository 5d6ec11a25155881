# cmd: files of this floor
