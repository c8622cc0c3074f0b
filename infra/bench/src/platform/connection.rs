//! A caller of HTTP/1.1 that costs next to nothing, so that what is measured is the platform.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection that is kept open from request to request.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer's beginning.
struct Head {
    status: u16,
    /// Where its body begins.
    body: usize,
    /// How long its body is.
    length: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(128 * 1024) })
    }

    /// Sends a request and returns the status and the body of its answer.
    pub(crate) async fn send(&mut self, request: &[u8]) -> io::Result<(u16, &[u8])> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let mut head = None;
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if head.is_none() {
                head = Head::read(&self.buffer)?;
            }
            if let Some(Head { status, body, length }) = head
                && self.buffer.len() >= body + length
            {
                return Ok((status, &self.buffer[body..]));
            }
        }
    }
}

impl Head {
    /// `None` while it is not there as a whole.
    fn read(buffer: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let bad = || io::Error::from(io::ErrorKind::InvalidData);
        let text = std::str::from_utf8(&buffer[..end]).map_err(|_| bad())?;
        let mut lines = text.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).ok_or_else(bad)?;
        let length = lines
            .filter_map(|line| line.split_once(':'))
            .find_map(|(name, value)| name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok()));
        // The platform's answers lie ready, so it always tells how long they are.
        let length = length.flatten().ok_or_else(bad)?;
        Ok(Some(Self { status, body: end + 4, length }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_whole() {
        let whole = b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nhello";
        assert!(Head::read(&whole[..30]).expect("good so far").is_none());
        let head = Head::read(whole).expect("good").expect("whole");
        assert_eq!((head.status, &whole[head.body..], head.length), (201, b"hello".as_slice(), 5));
        assert!(Head::read(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "a length is missing");
    }
}
