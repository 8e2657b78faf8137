//! Sessions over HTTP: a name that is good for the keys that opened it, and for nobody else.
//!
//! A session holds no credentials and no results: every request brings its own keys. What it knows is who opened it, when it was
//! used, and which calls are under way, so that they can be cancelled.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::RequestId;
use spacewatch_assistant::TenantKey;
use spacewatch_model::Clock;
use tokio_util::sync::CancellationToken;

/// How many sessions there are, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct SessionBounds {
    /// Sessions of one tenant.
    pub of_tenant: usize,
    /// Sessions of one address, with whatever credentials: anybody can make up keys.
    pub of_client: usize,
    /// Sessions in all.
    pub all: usize,
    /// Calls under way in one session.
    pub calls: usize,
    /// A session that rests so long ends.
    pub idle: Duration,
}

impl Default for SessionBounds {
    fn default() -> Self {
        Self {
            of_tenant: 32,
            of_client: 256,
            all: 4_096,
            calls: 32,
            idle: Duration::from_secs(1_800),
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Whose keys came with the request.
    pub tenant: TenantKey,
    /// From where it came.
    pub client: IpAddr,
}

/// The sessions of a process. When there are too many, the one that rested longest makes room: whoever opens thousands ends their own.
pub(crate) struct Sessions {
    clock: Arc<dyn Clock>,
    bounds: SessionBounds,
    open: Mutex<HashMap<String, Session>>,
}

struct Session {
    opener: Caller,
    used: Duration,
    calls: HashMap<RequestId, CancellationToken>,
}

impl Session {
    fn rests(&self, now: Duration, idle: Duration) -> bool {
        self.calls.is_empty() && now.saturating_sub(self.used) >= idle
    }
}

/// Why a call can't begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoCall {
    /// There is no such session, as far as these keys can tell.
    Session,
    /// A call with this id is under way.
    Known,
    /// Too many calls are.
    TooMany,
}

impl Sessions {
    pub(crate) fn new(clock: Arc<dyn Clock>, bounds: SessionBounds) -> Self {
        Self {
            clock,
            bounds,
            open: Mutex::default(),
        }
    }

    /// Opens one and names it.
    pub(crate) fn open(&self, opener: Caller) -> String {
        let (now, idle) = (self.clock.elapsed(), self.bounds.idle);
        let mut open = self.lock();
        open.retain(|_, session| !session.rests(now, idle));
        make_room(&mut open, self.bounds.of_tenant, |session| {
            session.opener.tenant == opener.tenant
        });
        make_room(&mut open, self.bounds.of_client, |session| {
            session.opener.client == opener.client
        });
        make_room(&mut open, self.bounds.all, |_| true);
        let name = format!("{:032x}", rand::random::<u128>());
        let session = Session {
            opener,
            used: now,
            calls: HashMap::new(),
        };
        open.insert(name.clone(), session);
        name
    }

    /// Whether it is open and this tenant's. Then it doesn't rest.
    pub(crate) fn touch(&self, name: &str, tenant: &TenantKey) -> bool {
        self.with(name, tenant, |_| ()).is_some()
    }

    /// Ends it, with everything that is under way in it. False when there is none.
    pub(crate) fn end(&self, name: &str, tenant: &TenantKey) -> bool {
        let known = self.with(name, tenant, |session| {
            session.calls.values().for_each(CancellationToken::cancel);
        });
        known.is_some() && self.lock().remove(name).is_some()
    }

    /// A call begins.
    pub(crate) fn begin(
        self: &Arc<Self>,
        name: &str,
        tenant: &TenantKey,
        id: &RequestId,
    ) -> Result<Call, NoCall> {
        let token = CancellationToken::new();
        let most = self.bounds.calls;
        let begun = self.with(name, tenant, |session| {
            if session.calls.contains_key(id) {
                return Err(NoCall::Known);
            }
            if session.calls.len() >= most {
                return Err(NoCall::TooMany);
            }
            session.calls.insert(id.clone(), token.clone());
            Ok(())
        });
        begun.ok_or(NoCall::Session)??;
        Ok(Call {
            sessions: self.clone(),
            session: name.to_owned(),
            id: id.clone(),
            token,
        })
    }

    /// The client doesn't want the answer any more. Whether a call of that id is under way is nobody's concern.
    pub(crate) fn cancel(&self, name: &str, tenant: &TenantKey, id: &RequestId) {
        self.with(name, tenant, |session| {
            if let Some(call) = session.calls.get(id) {
                call.cancel();
            }
        });
    }

    fn with<T>(&self, name: &str, tenant: &TenantKey, act: impl FnOnce(&mut Session) -> T) -> Option<T> {
        let (now, idle) = (self.clock.elapsed(), self.bounds.idle);
        let mut open = self.lock();
        let session = open.get_mut(name)?;
        if session.opener.tenant != *tenant || session.rests(now, idle) {
            return None;
        }
        session.used = now;
        Some(act(session))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names open sessions: they are not for logs.
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// Ends the session of a kind that rested longest, rather one in which nothing is under way, where there are as many as may be.
fn make_room(open: &mut HashMap<String, Session>, most: usize, kind: impl Fn(&Session) -> bool) {
    if open.values().filter(|session| kind(session)).count() < most {
        return;
    }
    let oldest = open
        .iter()
        .filter(|(_, session)| kind(session))
        .min_by_key(|(_, session)| (!session.calls.is_empty(), session.used))
        .map(|(name, _)| name.clone());
    if let Some(oldest) = oldest {
        open.remove(&oldest);
    }
}

/// A call under way in a session. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Call {
    sessions: Arc<Sessions>,
    session: String,
    id: RequestId,
    token: CancellationToken,
}

impl Call {
    /// Waits until the client cancels it or ends the session.
    pub(crate) async fn cancelled(&self) {
        self.token.cancelled().await;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let now = self.sessions.clock.elapsed();
        if let Some(session) = self.sessions.lock().get_mut(&self.session) {
            session.calls.remove(&self.id);
            session.used = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use spacewatch_model::ManualClock;

    use super::*;

    const BOUNDS: SessionBounds = SessionBounds {
        of_tenant: 3,
        of_client: 5,
        all: 6,
        calls: 2,
        idle: Duration::from_secs(60),
    };

    fn sessions() -> (Arc<Sessions>, Arc<ManualClock>) {
        let clock = Arc::new(ManualClock::starting_at(
            "2026-11-23T10:00:00Z".parse().expect("a time"),
        ));
        (Arc::new(Sessions::new(clock.clone(), BOUNDS)), clock)
    }

    fn caller(tenant: u8, client: u8) -> Caller {
        Caller {
            tenant: [tenant; 32],
            client: IpAddr::V4(Ipv4Addr::new(192, 0, 2, client)),
        }
    }

    #[test]
    fn a_session_is_its_tenants_own() {
        let (sessions, _) = sessions();
        let name = sessions.open(caller(1, 1));
        assert!(sessions.touch(&name, &[1; 32]));
        assert!(!sessions.touch(&name, &[2; 32]) && !sessions.end(&name, &[2; 32]));
        assert!(sessions.touch(&name, &[1; 32]));
        assert!(sessions.end(&name, &[1; 32]));
        assert!(!sessions.touch(&name, &[1; 32]) && !sessions.end(&name, &[1; 32]));
        assert_ne!(sessions.open(caller(1, 1)), sessions.open(caller(1, 1)));
    }

    #[test]
    fn a_session_that_rests_ends() {
        let (sessions, clock) = sessions();
        let name = sessions.open(caller(1, 1));
        for _ in 0..3 {
            clock.advance(BOUNDS.idle / 2);
            assert!(sessions.touch(&name, &[1; 32]));
        }
        let call = sessions
            .begin(&name, &[1; 32], &RequestId::Number(1))
            .expect("a call");
        clock.advance(BOUNDS.idle);
        assert!(sessions.touch(&name, &[1; 32]), "a call is under way");
        clock.advance(BOUNDS.idle);
        drop(call);
        assert!(sessions.touch(&name, &[1; 32]), "it rests since the call ended");
        clock.advance(BOUNDS.idle);
        assert!(!sessions.touch(&name, &[1; 32]));
        sessions.open(caller(1, 1));
        assert_eq!(sessions.lock().len(), 1);
    }

    #[test]
    fn there_are_only_so_many_of_a_tenant_an_address_and_in_all() {
        let (sessions, clock) = sessions();
        let mut opened = Vec::new();
        let mut open = |tenant, client| {
            clock.advance(Duration::from_secs(1));
            opened.push((sessions.open(caller(tenant, client)), [tenant; 32]));
            let known = |(name, tenant): &(String, TenantKey)| {
                sessions
                    .lock()
                    .get(name)
                    .is_some_and(|s| s.opener.tenant == *tenant)
            };
            let open: Vec<usize> = (0..opened.len()).filter(|at| known(&opened[*at])).collect();
            open
        };
        for _ in 0..3 {
            open(1, 1);
        }
        assert_eq!(open(1, 2), [1, 2, 3]);
        for tenant in 2..4 {
            open(tenant, 1);
        }
        assert_eq!(open(4, 1), [1, 2, 3, 4, 5, 6]);
        assert_eq!(open(5, 1), [2, 3, 4, 5, 6, 7], "of the address");
        assert_eq!(open(6, 3), [3, 4, 5, 6, 7, 8], "in all");
    }

    #[tokio::test]
    async fn calls_are_cancelled_by_their_own_tenant() {
        let (sessions, _) = sessions();
        let name = sessions.open(caller(1, 1));
        let begin = |id| sessions.begin(&name, &[1; 32], &RequestId::Number(id));
        let first = begin(1).expect("a call");
        assert_eq!(begin(1).map(|_| ()), Err(NoCall::Known));
        let second = begin(2).expect("a call");
        assert_eq!(begin(3).map(|_| ()), Err(NoCall::TooMany));
        let foreign = sessions.begin(&name, &[2; 32], &RequestId::Number(9));
        assert_eq!(foreign.map(|_| ()), Err(NoCall::Session));
        sessions.cancel(&name, &[2; 32], &RequestId::Number(1));
        assert!(!first.token.is_cancelled());
        sessions.cancel(&name, &[1; 32], &RequestId::Number(1));
        first.cancelled().await;
        assert!(!second.token.is_cancelled());
        drop(first);
        assert!(begin(1).is_ok());
        sessions.end(&name, &[1; 32]);
        second.cancelled().await;
    }
}
