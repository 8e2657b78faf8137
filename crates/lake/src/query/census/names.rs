//! Names of clients, numbered in the order they are met.
//!
//! Looking names up is most of a census's work, and with many clients each look costs a trip to memory. So addresses are kept as
//! numbers, and those of version 4, which most are, in a table of their own that fits near the processor.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashMap;

/// Names of one kind, by number.
pub(super) trait Names: Default {
    /// A name as it is kept.
    type Name: Clone;

    /// Whether a batch is expected to hold the same name again and again, so that remembering where pays.
    const REPEATED: bool;

    /// The name that a text is; some are none.
    fn read(text: &str) -> Option<Self::Name>;

    /// As answers write it.
    fn write(name: &Self::Name) -> String;

    /// The number of a name.
    fn number(&self, name: &Self::Name) -> Option<u32>;

    /// Gives it one.
    fn insert(&mut self, name: Self::Name, number: u32);
}

/// IP addresses.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    v4: HashMap<u32, u32>,
    v6: HashMap<u128, u32>,
}

impl Names for Addresses {
    type Name = IpAddr;
    const REPEATED: bool = false;

    /// The same whichever way it is written.
    fn read(text: &str) -> Option<IpAddr> {
        text.parse::<IpAddr>().ok().map(|address| address.to_canonical())
    }

    fn write(name: &IpAddr) -> String {
        name.to_string()
    }

    fn number(&self, name: &IpAddr) -> Option<u32> {
        match name {
            IpAddr::V4(v4) => self.v4.get(&Ipv4Addr::to_bits(*v4)),
            IpAddr::V6(v6) => self.v6.get(&Ipv6Addr::to_bits(*v6)),
        }
        .copied()
    }

    fn insert(&mut self, name: IpAddr, number: u32) {
        match name {
            IpAddr::V4(v4) => self.v4.insert(v4.to_bits(), number),
            IpAddr::V6(v6) => self.v6.insert(v6.to_bits(), number),
        };
    }
}

/// Requesters, as the log names them.
#[derive(Debug, Default)]
pub(super) struct Requesters(HashMap<String, u32>);

impl Names for Requesters {
    type Name = String;
    const REPEATED: bool = true;

    fn read(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn write(name: &String) -> String {
        name.clone()
    }

    fn number(&self, name: &String) -> Option<u32> {
        self.0.get(name).copied()
    }

    fn insert(&mut self, name: String, number: u32) {
        self.0.insert(name, number);
    }
}

/// An address in the one way that answers write it; what is none stays as it is.
pub(in crate::query) fn canonical(text: &str) -> String {
    Addresses::read(text).map_or_else(|| text.to_owned(), |address| Addresses::write(&address))
}
