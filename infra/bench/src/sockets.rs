//! Live updates: from the answer to a change over HTTP to the frame at each who listens.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::{try_join, try_join_all};
use futures::stream::{self, TryStreamExt as _};
use futures::{SinkExt as _, StreamExt as _};
use local::{Local, Options};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::error::BenchError;
use crate::platform::{Ask, Connection, Tenant};
use crate::report::{Report, figure, millis};
use crate::spread::Spread;

/// Changes, one after the other, each when the one before has reached everybody or after this rest.
const CHANGES: usize = 60;
const REST: Duration = Duration::from_millis(250);
/// Those before that count for nothing: sign-ins are looked at for the first time.
const WARM: usize = 3;
/// After the last change nobody waits longer for a frame.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a listener reads at once.
const READ_BUFFER: usize = 4 * 1024;
/// Connections opened at the same time.
const OPENED_AT_ONCE: usize = 16;

type Socket = WebSocketStream<TcpStream>;

/// When each frame came, by the lead that it tells of: every change is of a lead of its own.
#[derive(Default)]
struct Heard(HashMap<String, Vec<Instant>>);

/// Measures with so many connections in one organization, each of which may see everything.
pub(crate) async fn measure(clients: usize, report: &mut Report) -> Result<(), BenchError> {
    let folder = tempfile::tempdir().map_err(BenchError::io("a folder"))?;
    let options =
        Options { memory: false, data: folder.path().to_owned(), address_requests: Some(0), ..Options::default() };
    let local = Local::start(options).await?;
    let address: SocketAddr = local
        .base_url
        .trim_start_matches("http://")
        .parse()
        .map_err(|error| BenchError::answer(&local.base_url, error))?;
    let tenant = Tenant::found(&local).await?;
    let mut leads = Vec::with_capacity(WARM + CHANGES);
    for number in 0..WARM + CHANGES {
        let lead = json!({"full_name": format!("Live Example{number}")}).to_string();
        let created = tenant.call(&local, &Ask::post("/v1/leads".to_owned(), lead)).await?;
        leads.push(created["data"]["id"].as_str().unwrap_or_default().to_owned());
    }
    local.idle().await?;

    let opening = Instant::now();
    let sockets: Vec<Socket> = stream::iter((0..clients).map(|_| Ok(())))
        .map_ok(|()| open(&local, &tenant, address))
        .try_buffer_unordered(OPENED_AT_ONCE)
        .try_collect()
        .await?;
    let opened = opening.elapsed();

    // The callers and those who listen share one thread of their own, as callers do elsewhere.
    let token = tenant.token.clone();
    let sockets: Vec<_> = sockets.into_iter().map(|socket| socket.into_inner().into_std()).collect();
    let listening = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(BenchError::io("the listeners' runtime"))?;
        runtime.block_on(listen_and_change(sockets, address, &token, leads))
    });
    let (heard, answered) = listening.await??;
    local.shutdown().await;
    tell(clients, opened, &heard, &answered, report);
    Ok(())
}

/// A connection that listens to everything.
async fn open(local: &Local, tenant: &Tenant, address: SocketAddr) -> Result<Socket, BenchError> {
    let given = tenant.call(local, &Ask::post("/v1/realtime/token".to_owned(), String::new())).await?;
    let text = |name: &str| given["data"][name].as_str().unwrap_or_default().to_owned();
    let stream = TcpStream::connect(address).await.map_err(BenchError::io("a connection"))?;
    stream.set_nodelay(true).map_err(BenchError::io("a connection"))?;
    let opened = tokio_tungstenite::client_async(format!("{}?token={}", text("url"), text("token")), stream).await;
    let (mut socket, _) = opened.map_err(|error| BenchError::answer("a connection", error))?;
    let subscribe = json!({"action": "subscribe", "room": "team"}).to_string();
    socket.send(Message::text(subscribe)).await.map_err(|error| BenchError::answer("subscribe", error))?;
    match socket.next().await {
        Some(Ok(answer)) if answer.to_text().is_ok_and(|text| text.contains("\"subscribed\"")) => Ok(socket),
        other => Err(BenchError::answer("subscribe", format!("{other:?}"))),
    }
}

type Streams = Vec<std::io::Result<std::net::TcpStream>>;

/// What a listener looks at: the rest of a frame is not its time to spend.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    event: &'a str,
    #[serde(borrow, default)]
    data: FrameData<'a>,
}

#[derive(Default, Deserialize)]
struct FrameData<'a> {
    #[serde(borrow)]
    id: Option<&'a str>,
}

/// What each connection heard, and when each change was answered.
async fn listen_and_change(
    sockets: Streams,
    address: SocketAddr,
    token: &str,
    leads: Vec<String>,
) -> Result<(Vec<Heard>, HashMap<String, Instant>), BenchError> {
    let mut listeners = Vec::with_capacity(sockets.len());
    for socket in sockets {
        let stream = socket.and_then(TcpStream::from_std).map_err(BenchError::io("a connection"))?;
        // The whole buffer is filled with zeros before each read: a client of its own machine would not notice.
        let config = Some(WebSocketConfig::default().read_buffer_size(READ_BUFFER));
        listeners.push(listen(WebSocketStream::from_raw_socket(stream, Role::Client, config).await));
    }
    let changes = async {
        let mut connection = Connection::open(address).await.map_err(BenchError::io("the caller"))?;
        let (mut wire, mut answered) = (Vec::new(), HashMap::new());
        let body = json!({"priority": "high"}).to_string();
        for (number, lead) in leads.into_iter().enumerate() {
            Ask::put(format!("/v1/leads/{lead}"), body.clone()).write(token, &mut wire);
            let (status, answer) = connection.send(&wire).await.map_err(BenchError::io("the caller"))?;
            let at = Instant::now();
            if status != 200 {
                return Err(BenchError::answer("a change", String::from_utf8_lossy(answer)));
            }
            if number >= WARM {
                answered.insert(lead, at);
            }
            tokio::time::sleep(REST).await;
        }
        Ok(answered)
    };
    try_join(try_join_all(listeners), changes).await
}

/// Hears until nothing has come for a while after the last change.
async fn listen(mut socket: Socket) -> Result<Heard, BenchError> {
    let (mut heard, mut changes) = (Heard::default(), 0);
    while changes < WARM + CHANGES {
        let Ok(Some(message)) = tokio::time::timeout(PATIENCE, socket.next()).await else { break };
        let at = Instant::now();
        let message = message.map_err(|error| BenchError::answer("a frame", error))?;
        let Ok(text) = message.to_text() else { continue };
        let frame: Frame<'_> = serde_json::from_str(text).map_err(|error| BenchError::answer("a frame", error))?;
        if let (Some(lead), "lead:updated") = (frame.data.id, frame.event) {
            heard.0.entry(lead.to_owned()).or_default().push(at);
            changes += 1;
        }
    }
    Ok(heard)
}

fn tell(clients: usize, opened: Duration, heard: &[Heard], answered: &HashMap<String, Instant>, report: &mut Report) {
    let (mut lost, mut doubled, mut waits) = (0, 0, Vec::with_capacity(clients * answered.len()));
    for listener in heard {
        for (lead, answered_at) in answered {
            match listener.0.get(lead).map(Vec::as_slice) {
                None | Some([]) => lost += 1,
                Some([first, more @ ..]) => {
                    doubled += more.len();
                    // A frame may be faster than the answer.
                    waits.push(first.saturating_duration_since(*answered_at));
                }
            }
        }
    }
    let spread: Spread = waits.into_iter().collect();
    report.heading("Live updates");
    report.note(
        "From the HTTP answer to a change until its frame is at each WebSocket client that listens, over loopback, all in \
         one organization; listeners and platform share the cores. *opened*: until all had a token, a connection and their \
         room.",
    );
    let number = |number: usize| figure(f64::from(u32::try_from(number).unwrap_or(u32::MAX)));
    report.table(
        &["clients", "changes", "p50 ms", "p95 ms", "p99 ms", "most ms", "lost", "doubled", "opened s"],
        &[vec![
            number(clients),
            number(answered.len()),
            millis(spread.median()),
            millis(spread.percentile(95)),
            millis(spread.percentile(99)),
            millis(spread.percentile(100)),
            number(lost),
            number(doubled),
            figure(opened.as_secs_f64()),
        ]],
    );
}
