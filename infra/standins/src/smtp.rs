//! A mail server that takes mail from its one user, by <https://www.rfc-editor.org/rfc/rfc5321>, and puts it into the outbox.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::MessageParser;
use rustls::ServerConfig;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::Outbox;
use crate::outbox::Draft;

/// The longest line of a command or of a mail, and the longest mail.
const MAX_LINE: u64 = 2_000;
const MAX_MAIL: usize = 1_024 * 1_024;

/// A mail server with one user. Clones share one outbox.
#[derive(Clone)]
pub struct Smtp {
    inner: Arc<Inner>,
    tls: Option<(TlsAcceptor, bool)>,
}

struct Inner {
    user: String,
    password: String,
    outbox: Outbox,
    troubles: Mutex<VecDeque<(Stage, Option<u16>)>>,
}

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The server's first word.
    Greeting,
    /// After a password.
    Login,
    /// After `MAIL`.
    Sender,
    /// After `RCPT`.
    Recipient,
    /// After `DATA`.
    Data,
    /// After the mail.
    Message,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("user", &self.inner.user).finish_non_exhaustive()
    }
}

impl Smtp {
    /// A server without TLS, over an outbox.
    pub fn new(outbox: Outbox, user: &str, password: &str) -> Self {
        let (user, password) = (user.to_owned(), password.to_owned());
        Self { inner: Arc::new(Inner { user, password, outbox, troubles: Mutex::default() }), tls: None }
    }

    /// With TLS: from the first byte, or where not, after STARTTLS, before which nobody signs in.
    #[must_use]
    pub fn with_tls(self, config: ServerConfig, is_from_the_first_byte: bool) -> Self {
        Self { tls: Some((TlsAcceptor::from(Arc::new(config)), is_from_the_first_byte)), ..self }
    }

    /// Where the mails went.
    pub fn outbox(&self) -> &Outbox {
        &self.inner.outbox
    }

    /// The next conversation that comes to this stage is answered with this code, or with `None` never. What was added before
    /// comes first.
    pub fn trouble(&self, stage: Stage, code: Option<u16>) {
        self.inner.troubles.lock().unwrap_or_else(PoisonError::into_inner).push_back((stage, code));
    }

    /// Serves it until `shutdown`. Conversations under way go on.
    pub async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + Send) -> std::io::Result<()> {
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let (stream, _) = tokio::select! {
                () = &mut shutdown => return Ok(()),
                accepted = listener.accept() => accepted?,
            };
            let smtp = self.clone();
            tokio::spawn(async move {
                if let Err(error) = smtp.receive(stream).await {
                    tracing::debug!(%error, "a conversation broke off");
                }
            });
        }
    }

    async fn receive(&self, stream: TcpStream) -> std::io::Result<()> {
        let inner = &self.inner;
        match &self.tls {
            None => Conversation::new(inner, Door::Open).hold(stream, true).await.map(drop),
            Some((tls, true)) => {
                let stream = tls.accept(stream).await?;
                Conversation::new(inner, Door::Open).hold(stream, true).await.map(drop)
            }
            Some((tls, false)) => match Conversation::new(inner, Door::Closed).hold(stream, true).await? {
                Some(stream) => {
                    let stream = tls.accept(stream).await?;
                    Conversation::new(inner, Door::Open).hold(stream, false).await.map(drop)
                }
                None => Ok(()),
            },
        }
    }
}

/// Whether somebody may sign in, or must start TLS first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Closed,
}

struct Conversation<'a> {
    inner: &'a Inner,
    door: Door,
    is_signed_in: bool,
    from: Option<String>,
    to: Vec<String>,
}

impl<'a> Conversation<'a> {
    const fn new(inner: &'a Inner, door: Door) -> Self {
        Self { inner, door, is_signed_in: false, from: None, to: Vec::new() }
    }

    /// Speaks until the other side leaves; gives the connection back where TLS starts on it.
    async fn hold<S: AsyncRead + AsyncWrite + Unpin>(mut self, stream: S, greets: bool) -> std::io::Result<Option<S>> {
        let mut stream = BufReader::new(stream);
        if greets {
            let greeting = self.reply(Stage::Greeting, "220 mail.example.com ESMTP").await;
            say(&mut stream, &greeting).await?;
            if !greeting.starts_with('2') {
                return Ok(None);
            }
        }
        while let Some(line) = hear(&mut stream).await? {
            let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
            let reply = match verb.to_ascii_uppercase().as_str() {
                "EHLO" if self.door == Door::Open => {
                    "250-mail.example.com\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 ENHANCEDSTATUSCODES".to_owned()
                }
                "EHLO" => "250-mail.example.com\r\n250-8BITMIME\r\n250 STARTTLS".to_owned(),
                "STARTTLS" if self.door == Door::Closed => {
                    say(&mut stream, "220 2.0.0 Go ahead").await?;
                    return Ok(Some(stream.into_inner()));
                }
                "AUTH" if self.door == Door::Open => self.sign_in(&mut stream, rest).await?,
                "MAIL" if self.is_signed_in && self.from.is_none() => self.sender(rest).await,
                "MAIL" if self.is_signed_in => "503 5.5.1 One mail at a time".to_owned(),
                "MAIL" | "AUTH" => "530 5.7.0 Sign in, and start TLS before".to_owned(),
                "RCPT" if self.from.is_some() => self.recipient(rest).await,
                "DATA" if !self.to.is_empty() => self.data(&mut stream).await?,
                "RCPT" | "DATA" => "503 5.5.1 Not yet".to_owned(),
                "RSET" => {
                    (self.from, self.to) = (None, Vec::new());
                    "250 2.0.0 Ok".to_owned()
                }
                "NOOP" => "250 2.0.0 Ok".to_owned(),
                "QUIT" => {
                    say(&mut stream, "221 2.0.0 Bye").await?;
                    return Ok(None);
                }
                _ => "500 5.5.1 What?".to_owned(),
            };
            say(&mut stream, &reply).await?;
        }
        Ok(None)
    }

    /// A reply, unless there is trouble.
    async fn reply(&self, stage: Stage, good: &str) -> String {
        let trouble = {
            let mut troubles = self.inner.troubles.lock().unwrap_or_else(PoisonError::into_inner);
            if troubles.front().is_some_and(|(known, _)| *known == stage) { troubles.pop_front() } else { None }
        };
        match trouble {
            None => good.to_owned(),
            // As servers do, it names whom it is about.
            Some((_, Some(code))) => format!("{code} No: {}", self.to.join(", ")),
            Some((_, None)) => std::future::pending().await,
        }
    }

    async fn sign_in<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut BufReader<S>,
        rest: &str,
    ) -> std::io::Result<String> {
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let told = match mechanism.to_ascii_uppercase().as_str() {
            "PLAIN" => {
                let plain = decoded(initial);
                let mut parts = plain.split('\0').skip(1);
                (parts.next().unwrap_or_default().to_owned(), parts.next().unwrap_or_default().to_owned())
            }
            "LOGIN" => {
                say(stream, "334 VXNlcm5hbWU6").await?;
                let user = hear(stream).await?.unwrap_or_default();
                say(stream, "334 UGFzc3dvcmQ6").await?;
                (decoded(&user), decoded(&hear(stream).await?.unwrap_or_default()))
            }
            _ => return Ok("504 5.5.4 Not this way".to_owned()),
        };
        if told != (self.inner.user.clone(), self.inner.password.clone()) {
            return Ok("535 5.7.8 Name or password is not good".to_owned());
        }
        let reply = self.reply(Stage::Login, "235 2.7.0 Welcome").await;
        self.is_signed_in = reply.starts_with('2');
        Ok(reply)
    }

    async fn sender(&mut self, rest: &str) -> String {
        let Some(from) = path(rest, "FROM:") else { return "501 5.5.4 Whom from?".to_owned() };
        let reply = self.reply(Stage::Sender, "250 2.1.0 Ok").await;
        self.from = reply.starts_with('2').then_some(from);
        reply
    }

    async fn recipient(&mut self, rest: &str) -> String {
        let Some(to) = path(rest, "TO:").filter(|to| to.contains('@')) else {
            return "501 5.5.4 Whom to?".to_owned();
        };
        self.to.push(to);
        let reply = self.reply(Stage::Recipient, "250 2.1.5 Ok").await;
        if !reply.starts_with('2') {
            self.to.pop();
        }
        reply
    }

    async fn data<S: AsyncRead + AsyncWrite + Unpin>(&mut self, stream: &mut BufReader<S>) -> std::io::Result<String> {
        let go = self.reply(Stage::Data, "354 Go ahead").await;
        if !go.starts_with('3') {
            return Ok(go);
        }
        say(stream, &go).await?;
        let mut raw = String::new();
        loop {
            let line = hear(stream).await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
            if line == "." {
                break;
            }
            raw.push_str(line.strip_prefix('.').unwrap_or(&line));
            raw.push_str("\r\n");
            if raw.len() > MAX_MAIL {
                return Ok("552 5.3.4 Too long".to_owned());
            }
        }
        let reply = self.reply(Stage::Message, "250 2.0.0 Ok: queued as ").await;
        let (from, to) = (self.from.take().unwrap_or_default(), std::mem::take(&mut self.to));
        if !reply.starts_with('2') {
            return Ok(reply);
        }
        let subject = MessageParser::default().parse(raw.as_bytes()).and_then(|mail| mail.subject().map(str::to_owned));
        let subject = subject.unwrap_or_default();
        let draft = Draft { channel: "email".to_owned(), from, to, subject, raw: raw.into_bytes() };
        Ok(match self.inner.outbox.keep(&draft) {
            Ok(kept) => format!("{reply}{kept:016}"),
            Err(_) => "451 4.3.0 Try again".to_owned(),
        })
    }
}

/// The address in `FROM:<…>` or `TO:<…>`, without what follows it.
fn path(rest: &str, name: &str) -> Option<String> {
    let (told, path) = rest.split_at_checked(name.len())?;
    let (path, _) = path.trim().strip_prefix('<')?.split_once('>')?;
    told.eq_ignore_ascii_case(name).then(|| path.to_owned())
}

fn decoded(text: &str) -> String {
    STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// A line without its end; `None` where the other side has left.
async fn hear<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let read = (&mut *stream).take(MAX_LINE).read_line(&mut line).await?;
    if read == 0 {
        return Ok(None);
    }
    let line = line.strip_suffix("\r\n").ok_or(std::io::ErrorKind::InvalidData)?;
    Ok(Some(line.to_owned()))
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, text: &str) -> std::io::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await
}
