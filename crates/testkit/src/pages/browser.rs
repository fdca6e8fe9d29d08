//! As much of HTTP as a browser speaks with a page of ours on loopback: one connection that stays
//! open, one request after the other.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longer than any page may take; one that never ends is a failure.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// Someone at a browser.
pub(super) struct Browser {
    address: SocketAddr,
    open: Option<BufReader<TcpStream>>,
    cookie: Option<String>,
    /// The address a proxy says it is asked from: doors count wrong answers by it.
    from: String,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    /// The body as it came.
    pub(super) body: Vec<u8>,
    /// From the first byte asked to the last byte read.
    pub(super) spent: Duration,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Browser {
    /// A browser on a machine of its own.
    pub(super) fn new(address: SocketAddr, number: u8) -> Self {
        Self {
            address,
            open: None,
            cookie: None,
            from: format!("192.0.2.{number}"),
        }
    }

    /// Looks at a page; `packed` asks for it as browsers do, in gzip.
    pub(super) fn get(&mut self, path: &str, packed: bool) -> io::Result<Answer> {
        let more = if packed {
            "Accept-Encoding: gzip\r\n"
        } else {
            ""
        };
        match self.ask("GET", path, more, "") {
            // The server may have closed what was idle for long.
            Err(_) if self.open.take().is_some() => self.ask("GET", path, more, ""),
            other => other,
        }
    }

    /// Sends a form.
    pub(super) fn post(&mut self, path: &str, form: &str) -> io::Result<Answer> {
        let more = "Content-Type: application/x-www-form-urlencoded\r\n\
            Sec-Fetch-Site: same-origin\r\n";
        self.open = None;
        self.ask("POST", path, more, form)
    }

    fn ask(&mut self, method: &str, path: &str, more: &str, body: &str) -> io::Result<Answer> {
        let cookie = self.cookie.as_deref();
        let cookie = cookie.map_or(String::new(), |it| format!("Cookie: {it}\r\n"));
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nX-Forwarded-For: {}\r\n\
             Accept-Language: es-MX\r\n{cookie}{more}Content-Length: {}\r\n\r\n{body}",
            self.address,
            self.from,
            body.len()
        );
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(ANSWER_WITHIN))?;
                BufReader::new(stream)
            }
        };
        let start = Instant::now();
        stream.get_mut().write_all(head.as_bytes())?;
        let (mut answer, kept) = read(&mut stream)?;
        answer.spent = start.elapsed();
        self.open = Some(stream);
        if kept.is_some() {
            self.cookie = kept;
        }
        Ok(answer)
    }
}

/// An answer, and the cookie it leaves.
fn read(stream: &mut impl BufRead) -> io::Result<(Answer, Option<String>)> {
    let bad = |what: &str| io::Error::other(format!("an answer {what}"));
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|it| it.parse().ok());
    let status = status.ok_or_else(|| bad("that is not HTTP"))?;
    let (mut length, mut chunked, mut location, mut cookie) = (None, false, None, None);
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse::<usize>().ok(),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "location" => location = Some(value.to_owned()),
            "set-cookie" => cookie = value.split(';').next().map(str::to_owned),
            _ => {}
        }
    }
    let mut body = Vec::new();
    match length {
        Some(length) => {
            body.resize(length, 0);
            stream.read_exact(&mut body)?;
        }
        None if chunked => chunks(stream, &mut body)?,
        None => return Err(bad("without length")),
    }
    let answer = Answer {
        status,
        location,
        body,
        spent: Duration::ZERO,
    };
    Ok((answer, cookie))
}

fn chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
        stream.take(length as u64).read_to_end(body)?;
        line.clear();
        stream.read_line(&mut line)?;
        if length == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let wire = "HTTP/1.1 303 See Other\r\nlocation: /a\r\nset-cookie: x=1; Path=/\r\n\
            content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
            3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nrest";
        let mut stream = wire.as_bytes();
        let (answer, cookie) = read(&mut stream).expect("an answer");
        assert_eq!((answer.status, answer.text().as_str()), (303, "ok"));
        assert_eq!(answer.location.as_deref(), Some("/a"));
        assert_eq!(cookie.as_deref(), Some("x=1"));
        let (answer, cookie) = read(&mut stream).expect("another");
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "abc0123456789")
        );
        assert_eq!((cookie, stream), (None, &b"rest"[..]));
        assert!(read(&mut &b"220 smtp\r\n"[..]).is_err());
    }
}
