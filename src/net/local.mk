# net: files of this floor
