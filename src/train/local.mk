# train: files of this floor
