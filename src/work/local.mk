# work: files of this floor
