# export: files of this floor
