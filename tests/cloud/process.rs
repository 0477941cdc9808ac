//! Servers that a test starts as processes of its own.

use std::env;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::{interval, timeout};

/// A program that these tests need.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    /// The environment variable that names it.
    pub(crate) variable: &'static str,
    /// Its name in the `PATH`, where the variable is not set.
    pub(crate) name: &'static str,
    /// The command that installs it.
    pub(crate) install: &'static str,
}

impl Program {
    pub(crate) fn command(self) -> Command {
        Command::new(env::var_os(self.variable).unwrap_or_else(|| self.name.into()))
    }
}

/// A running server. It is killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts the program with what `configure` adds for a port, and waits until it accepts connections.
    pub(crate) async fn start(
        program: Program,
        mut configure: impl FnMut(&mut Command, u16),
    ) -> Self {
        // A port that was free a moment ago may be taken.
        for _ in 0..5 {
            let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
            let mut command = program.command();
            configure(&mut command, port);
            let mut server = Self { child: spawn(program, command), port };
            if server.accepts().await {
                return server;
            }
        }
        panic!("`{}` does not start", program.name);
    }

    /// Whether it accepts connections within a minute.
    async fn accepts(&mut self) -> bool {
        let mut ticks = interval(Duration::from_millis(20));
        let connected = timeout(Duration::from_secs(60), async {
            loop {
                ticks.tick().await;
                if self.child.try_wait().unwrap().is_some() {
                    return false;
                }
                if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                    return true;
                }
            }
        });
        connected.await.unwrap_or_default()
    }
}

fn spawn(program: Program, mut command: Command) -> Child {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    child.unwrap_or_else(|error| {
        let Program { variable, name, install } = program;
        panic!(
            "cannot run `{name}`: {error}; install it with `{install}`, and put it into the `PATH` or name it \
             with `{variable}`"
        )
    })
}
