//! HTTP sources against real sockets: what `http/`, `decode/` and `declared.rs` promise.

mod conditional;
mod connection;
mod credential;
mod decode;
mod events;
mod fault_items;
mod fault_pages;
mod fault_table;
mod faults;
mod invalid;
mod limit;
mod messages;
mod oauth2;
mod pace;
mod redirect;
mod removal;
mod retry;
mod secrets;
mod shelf;
mod stage;
mod timeout;
mod tls;
mod token;
