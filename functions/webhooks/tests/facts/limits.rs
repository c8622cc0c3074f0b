//! Strangers may try so often, and providers are never held back by them.

use crate::support::{Desk, FROM};

#[tokio::test]
async fn an_address_that_is_refused_too_often_is_held_back_and_the_provider_at_the_same_address_is_not() {
    let desk = Desk::new().await;
    let now = desk.world.platform.now();
    let bad = || desk.standard("e1", "1", "v1,AAAA", b"{}").header(FROM, "198.51.100.1");
    let mut statuses = Vec::new();
    for _ in 0..125 {
        statuses.push(desk.of(bad()).await.status.as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 404).count(), 120);
    assert_eq!(statuses.last(), Some(&429));
    desk.of(desk.signed("e1", now, b"{}").header(FROM, "198.51.100.1")).await.expect(200);
    let elsewhere = desk.standard("e1", "1", "v1,AAAA", b"{}").header(FROM, "198.51.100.2");
    desk.of(elsewhere).await.expect(404);
}
