//! HTTP sources against real sockets: what `http/`, `decode/` and `declared.rs` promise.

mod authority;
mod conditional;
mod connection;
mod credential;
mod decode;
mod events;
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
mod stage;
mod timeout;
mod tls;
mod token;
