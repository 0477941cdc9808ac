//! Object stores: what `store/` promises, over memory, local files and S3.

mod aliases;
mod bucket;
mod contents;
mod contract;
mod contracts;
mod declared;
mod encodings;
mod entity_tags;
mod faults;
mod faulty;
mod inherit;
mod known;
mod listings;
mod lost;
mod paged;
mod parallel;
mod parts;
mod pieces;
mod random;
mod refused;
mod s3s_fs;
mod settle;
mod stage;
mod stages;
mod starved;
mod unreadable;
