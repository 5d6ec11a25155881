# store: files of this floor
