//! How many connections there may be, and who has to go when there are too many.
//!
//! A connection without a request under way costs its owner nothing and us a place. So when all places are
//! taken, one of those gives way: first the oldest that never sent a request, then the one that rests longest
//! among those of the client with most connections. Somebody who opens thousands only drives out their own.

use std::collections::{BTreeMap, HashMap};
use std::future::{Ready, ready};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum_server::accept::Accept;
use futures::task::AtomicWaker;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::client::ClientKey;
use crate::config::Bounds;

use super::speaking::{Speaking, Untaken};

/// File handles kept free for the store's connections and everything else.
const SPARE_FILES: u64 = 256;
/// As many file handles as are asked of the system.
const WANTED_FILES: u64 = 65_536;

pub(super) struct Connections {
    most: usize,
    most_of_client: usize,
    proxies: Arc<[IpNet]>,
    send_timeout: Duration,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    open: usize,
    of_client: HashMap<ClientKey, usize>,
    /// Those that sent no request yet, oldest first.
    silent: BTreeMap<u64, Arc<Slot>>,
    /// Those whose requests are all answered, the longest rested first.
    resting: BTreeMap<u64, Arc<Slot>>,
    /// Requests under way, and under which number a connection stands in one of the maps above.
    states: HashMap<u64, State>,
}

#[derive(Default)]
struct State {
    under_way: usize,
    number: u64,
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
            send_timeout: bounds.send_timeout,
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
            gone: AtomicBool::new(false),
            reader: AtomicWaker::new(),
            untaken: Untaken::default(),
        });
        table.silent.insert(slot.id, slot.clone());
        table.states.insert(
            slot.id,
            State {
                under_way: 0,
                number: slot.id,
            },
        );
        Ok(slot)
    }

    /// A request came.
    pub(super) fn begin(&self, slot: &Slot) {
        let table = &mut *self.lock();
        if let Some(state) = table.states.get_mut(&slot.id) {
            state.under_way += 1;
            table.silent.remove(&state.number);
            table.resting.remove(&state.number);
        }
    }

    /// A request is answered, or given up.
    pub(super) fn end(&self, slot: &Arc<Slot>) {
        let table = &mut *self.lock();
        table.next += 1;
        if let Some(state) = table.states.get_mut(&slot.id) {
            state.under_way = state.under_way.saturating_sub(1);
            if state.under_way == 0 {
                state.number = table.next;
                table.resting.insert(state.number, slot.clone());
            }
        }
    }

    fn close(&self, slot: &Slot) {
        self.lock().forget(slot);
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Ends a connection that does nothing, of one client or of all.
    fn drive_out(&mut self, client: Option<ClientKey>) -> bool {
        let of = |slots: &BTreeMap<u64, Arc<Slot>>, client: Option<ClientKey>| {
            let mut slots = slots.values();
            slots
                .find(|slot| client.is_none() || slot.client == client)
                .map(Arc::clone)
        };
        let greedy = client.or_else(|| {
            self.of_client
                .iter()
                .max_by_key(|(_, count)| **count)
                .map(|(c, _)| *c)
        });
        let victim = of(&self.silent, client)
            .or_else(|| of(&self.resting, greedy))
            .or_else(|| of(&self.resting, client));
        let Some(slot) = victim else { return false };
        self.forget(&slot);
        slot.gone.store(true, Ordering::Relaxed);
        slot.reader.wake();
        true
    }

    /// Gives a connection's place back, once.
    fn forget(&mut self, slot: &Slot) {
        if let Some(state) = self.states.remove(&slot.id) {
            self.silent.remove(&state.number);
            self.resting.remove(&state.number);
            self.release(slot.client);
        }
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
pub(super) struct Slot {
    id: u64,
    client: Option<ClientKey>,
    /// It was driven out and its place is given away.
    gone: AtomicBool,
    reader: AtomicWaker,
    pub(super) untaken: Untaken,
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
        let speaking = Speaking::new(service, slot.clone(), self.0.clone());
        let placed = Placed {
            stream,
            slot,
            stalled: None,
            connections: self.0.clone(),
        };
        Ok((placed, speaking))
    }
}

/// A stream that ends when its place is given away, or when the client takes nothing of what is sent.
pub(super) struct Placed {
    stream: TcpStream,
    slot: Arc<Slot>,
    /// Runs while there is something to send and no room for it.
    stalled: Option<Pin<Box<Sleep>>>,
    connections: Arc<Connections>,
}

impl Placed {
    /// Makes waiting for the client end in time.
    fn patiently(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.connections.send_timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        match stalled.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
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
        self.slot.reader.register(context.waker());
        if self.slot.gone.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        // An HTTP/2 client must answer pings, so this is looked at now and then. A trusted proxy brings many
        // clients: the others don't pay for a slow one.
        let patience = self.connections.send_timeout;
        if self.slot.client.is_some() && self.slot.untaken.waits_longer_than(patience) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
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
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.patiently(context, written)
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
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.patiently(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
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
