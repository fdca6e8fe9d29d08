//! The W3C WebDriver protocol on its wire: one HTTP request with JSON, one answer. The driver is a
//! process of ours on loopback, so that nothing more of HTTP is needed than it speaks.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Longer than any command may take; a page that never ends loading is a failure.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// What the driver refused, in its words: the protocol's name of it and a sentence.
pub(super) type Refusal = String;

/// Sends a command and gives the `value` of its answer.
pub(super) async fn command(
    port: u16,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, Refusal> {
    let answer = tokio::time::timeout(ANSWER_WITHIN, exchange(port, method, path, body));
    let (status, text) = match answer.await {
        Ok(answer) => answer.map_err(|error| error.to_string())?,
        Err(_) => return Err("no answer in time".to_owned()),
    };
    let mut answer: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let value = answer["value"].take();
    if status < 400 {
        return Ok(value);
    }
    let text_of = |field: &str| value[field].as_str().unwrap_or_default();
    Err(format!("{}: {}", text_of("error"), text_of("message")))
}

async fn exchange(
    port: u16,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> io::Result<(u16, Vec<u8>)> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("not HTTP: {line}")))?;
    let mut length = None;
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok();
        }
    }
    let mut text = vec![0; length.ok_or_else(|| io::Error::other("an answer without length"))?];
    stream.read_exact(&mut text).await?;
    Ok((status, text))
}
