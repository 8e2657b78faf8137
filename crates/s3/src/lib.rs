//! Object storage: credentials, endpoint policy, the instrumented client, parallel listing.
