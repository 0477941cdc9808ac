//! Random edits of the file, against a model.
