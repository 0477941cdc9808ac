//! The contract over the stores that need nothing but this process.

use super::contract;
use super::s3s_fs::S3sFs;
use super::stage::Stage;
use super::stages::{Google, Local, Memory, Scripted};

contract::over!(
    memory: Memory,
    local: Local,
    scripted: Scripted,
    google: Google,
    s3s_fs: S3sFs,
);
