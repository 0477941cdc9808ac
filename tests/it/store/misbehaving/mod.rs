//! Servers that misbehave in every known way: a watcher is complete, or its poll fails and says why.

mod play;
mod rows;

mod azure;
mod believed;
mod s3;
mod webdav;
