//! One connection: requests in, replies out, until either side ends it. An I/O error ends this
//! connection and nothing else.

use std::io;
use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::{AsyncWriteExt, copy, sink};
use tokio::net::TcpStream;

use crate::answer::Ending;
use crate::reply::{Kind, Reply};
use crate::request::Recorded;
use crate::script::Connected;
use crate::{read, write};

/// Serves the connection to its end.
pub(crate) async fn serve(mut stream: TcpStream, connected: Connected) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let (mut incoming, mut outgoing) = (BytesMut::with_capacity(4096), BytesMut::new());
    while let Some(request) = read::request(&mut stream, &mut incoming, connected.number).await? {
        let request = Arc::new(request);
        let reply = connected.script.reply_to(&request);
        match send(&mut stream, &mut outgoing, reply, &request).await? {
            Ending::KeepAlive => {}
            ending => return end(stream, ending).await,
        }
    }
    Ok(())
}

async fn send(
    stream: &mut TcpStream,
    out: &mut BytesMut,
    mut reply: Reply,
    request: &Recorded,
) -> io::Result<Ending> {
    loop {
        match reply.0 {
            Kind::Answer(answer) => return write::answer(stream, out, &answer, request).await,
            Kind::Raw(bytes, ending) => return stream.write_all(&bytes).await.map(|()| ending),
            Kind::With(function) => reply = function(request),
        }
    }
}

async fn end(mut stream: TcpStream, ending: Ending) -> io::Result<()> {
    match ending {
        Ending::KeepAlive => Ok(()),
        Ending::Close => stream.shutdown().await,
        Ending::Reset => stream.set_zero_linger(),
        Ending::Stall => copy(&mut stream, &mut sink()).await.map(drop),
    }
}
