# data: files of this floor
