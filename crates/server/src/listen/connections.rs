//! How many connections there may be, and who has to go when there are too many.
//!
//! A connection that never sent a request costs its owner nothing and us a place. So when all places are
//! taken, the oldest of those gives way, and somebody who opens thousands only drives out their own.

use std::collections::{BTreeMap, HashMap};
use std::future::{Ready, ready};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use futures::task::AtomicWaker;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower::Service;

use crate::client::ClientKey;
use crate::config::Bounds;

/// File handles kept free for the store's connections and everything else.
const SPARE_FILES: u64 = 256;
/// As many file handles as are asked of the system.
const WANTED_FILES: u64 = 65_536;

pub(super) struct Connections {
    most: usize,
    most_of_client: usize,
    proxies: Arc<[IpNet]>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    open: usize,
    of_client: HashMap<ClientKey, usize>,
    /// Those that sent no request yet, oldest first.
    silent: BTreeMap<u64, Arc<Slot>>,
}

impl Connections {
    pub(super) fn new(bounds: &Bounds, proxies: Arc<[IpNet]>) -> Arc<Self> {
        let files = usize::try_from(file_limit().saturating_sub(SPARE_FILES)).unwrap_or(usize::MAX);
        let most = bounds.connections.min(files.max(16));
        let most_of_client = bounds.connections_per_client.min(most);
        Arc::new(Self {
            most,
            most_of_client,
            proxies,
            table: Mutex::default(),
        })
    }

    fn open(self: &Arc<Self>, peer: IpAddr) -> io::Result<Arc<Slot>> {
        let is_proxy = self.proxies.iter().any(|net| net.contains(&peer));
        let client = (!is_proxy).then(|| ClientKey::from(peer));
        let mut table = self.lock();
        if let Some(client) = client {
            let count = table.of_client.get(&client).copied().unwrap_or_default();
            if count >= self.most_of_client && !table.drive_out(Some(client)) {
                return Err(io::Error::other("too many connections of one client"));
            }
        }
        if table.open >= self.most && !table.drive_out(None) {
            return Err(io::Error::other("too many connections"));
        }
        table.next += 1;
        table.open += 1;
        if let Some(client) = client {
            *table.of_client.entry(client).or_default() += 1;
        }
        let slot = Arc::new(Slot {
            id: table.next,
            client,
            spoke: AtomicBool::new(false),
            gone: AtomicBool::new(false),
            reader: AtomicWaker::new(),
        });
        table.silent.insert(slot.id, slot.clone());
        Ok(slot)
    }

    fn spoke(&self, slot: &Slot) {
        if !slot.spoke.load(Ordering::Relaxed) {
            slot.spoke.store(true, Ordering::Relaxed);
            self.lock().silent.remove(&slot.id);
        }
    }

    fn close(&self, slot: &Slot) {
        let mut table = self.lock();
        table.silent.remove(&slot.id);
        if !slot.gone.load(Ordering::Relaxed) {
            table.release(slot.client);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Ends the oldest connection that sent no request yet, of one client or of all.
    fn drive_out(&mut self, client: Option<ClientKey>) -> bool {
        let oldest = self
            .silent
            .values()
            .find(|slot| client.is_none() || slot.client == client)
            .map(Arc::clone);
        let Some(slot) = oldest else { return false };
        self.silent.remove(&slot.id);
        slot.gone.store(true, Ordering::Relaxed);
        slot.reader.wake();
        self.release(slot.client);
        true
    }

    fn release(&mut self, client: Option<ClientKey>) {
        self.open = self.open.saturating_sub(1);
        let Some(client) = client else { return };
        if let Some(count) = self.of_client.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                self.of_client.remove(&client);
            }
        }
    }
}

/// One connection's place.
struct Slot {
    id: u64,
    client: Option<ClientKey>,
    /// It sent a request, so it stays.
    spoke: AtomicBool,
    /// It was driven out and its place is given away.
    gone: AtomicBool,
    reader: AtomicWaker,
}

/// Gives each connection its place.
#[derive(Clone)]
pub(super) struct Admit(Arc<Connections>);

impl Admit {
    pub(super) fn new(connections: Arc<Connections>) -> Self {
        Self(connections)
    }
}

impl<S> Accept<TcpStream, S> for Admit {
    type Stream = Placed;
    type Service = Speaking<S>;
    type Future = Ready<io::Result<(Placed, Speaking<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.place(stream, service))
    }
}

impl Admit {
    fn place<S>(&self, stream: TcpStream, service: S) -> io::Result<(Placed, Speaking<S>)> {
        stream.set_nodelay(true)?;
        let slot = self.0.open(stream.peer_addr()?.ip())?;
        let speaking = Speaking {
            service,
            slot: slot.clone(),
            connections: self.0.clone(),
        };
        Ok((
            Placed {
                stream,
                slot,
                connections: self.0.clone(),
            },
            speaking,
        ))
    }
}

/// A stream that ends when its place is given away.
pub(super) struct Placed {
    stream: TcpStream,
    slot: Arc<Slot>,
    connections: Arc<Connections>,
}

impl Drop for Placed {
    fn drop(&mut self) {
        self.connections.close(&self.slot);
    }
}

impl AsyncRead for Placed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.slot.spoke.load(Ordering::Relaxed) {
            self.slot.reader.register(context.waker());
            if self.slot.gone.load(Ordering::Relaxed) {
                return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
            }
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Placed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// A service that notes the first request of its connection.
#[derive(Clone)]
pub(super) struct Speaking<S> {
    service: S,
    slot: Arc<Slot>,
    connections: Arc<Connections>,
}

impl<S, R> Service<R> for Speaking<S>
where
    S: Service<R>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.connections.spoke(&self.slot);
        self.service.call(request)
    }
}

/// How many files this process may have open, raised as far as the system lets it.
#[cfg(unix)]
fn file_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(WANTED_FILES, |most| most.min(WANTED_FILES));
    let current = limit.current.unwrap_or(u64::MAX);
    if current < wanted
        && setrlimit(
            Resource::Nofile,
            Rlimit {
                current: Some(wanted),
                maximum: limit.maximum,
            },
        )
        .is_ok()
    {
        return wanted;
    }
    current
}

#[cfg(not(unix))]
fn file_limit() -> u64 {
    WANTED_FILES
}
