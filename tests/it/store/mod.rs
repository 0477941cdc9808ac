//! Object stores: what `store/` promises, over memory, local files and S3.

mod bucket;
mod contents;
mod contract;
mod contracts;
mod declared;
mod faults;
mod faulty;
mod listings;
mod lost;
mod s3s_fs;
mod stage;
mod stages;
