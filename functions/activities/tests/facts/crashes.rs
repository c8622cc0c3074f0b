//! A function may die before or after any of its writes: what belongs together is there together or not at all, and whoever
//! asks again with the same key gets one result.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use domain::Role;
use jiff::SignedDuration;
use serde_json::{Value, json};
use standins::{Fault, Faults};
use testkit::{Answer, Ask, Person, World};

use crate::support::{Ground, id};

/// A request that did not answer has died after so long, and its key is free.
const ABANDONED: SignedDuration = SignedDuration::from_secs(61);

/// A ground whose function dies at a write, counted from when that is set.
struct Mortal {
    ground: Ground,
    agent: Person,
    faults: Faults,
    armed: Arc<AtomicBool>,
    writes: Arc<AtomicU64>,
}

impl Mortal {
    async fn new(fault: Fault, fatal: u64) -> Self {
        let (armed, writes) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (set, count) = (Arc::clone(&armed), Arc::clone(&writes));
        let faults = Faults::decided_by(move |call| {
            if !set.load(Ordering::SeqCst) {
                return None;
            }
            call.write?;
            (count.fetch_add(1, Ordering::SeqCst) + 1 == fatal).then_some(fault)
        });
        let ground = Ground::of(World::with_faults(faults.clone()).await).await;
        let agent = ground.person(Role::Agent).await;
        Self { ground, agent, faults, armed, writes }
    }

    /// Asks, and may die of it; whether it did. All is well again after.
    async fn dying(&self, ask: Ask, fatal: u64) -> bool {
        self.armed.store(true, Ordering::SeqCst);
        let _ = self.ground.ask(ask, &self.agent).await;
        self.armed.store(false, Ordering::SeqCst);
        self.faults.revive();
        self.ground.world.clock.advance(ABANDONED);
        self.writes.load(Ordering::SeqCst) >= fatal
    }

    async fn ask(&self, ask: Ask) -> Answer {
        self.ground.ask(ask, &self.agent).await
    }

    async fn all(&self, name: &str) -> Vec<Value> {
        let list = self.ground.get(format!("/{name}"), &self.agent).await;
        list[name].as_array().expect("a list").clone()
    }
}

/// Whether a call is over; its lead and its reminder say the same.
async fn is_over(mortal: &Mortal, call: &Value, lead: &str, what: &str) -> bool {
    let call = mortal.ground.get(format!("/calls/{}", id(call)), &mortal.agent).await;
    let lead = Ask::get(format!("/leads/{lead}")).by(&mortal.agent).of(&mortal.ground.leads).await.data(200);
    let reminders = mortal.all("reminders").await;
    let over = call["status"] == "completed";
    assert_eq!(lead["status"] == "assessment", over, "{what}: the lead");
    assert_eq!(reminders.len(), usize::from(over), "{what}: the reminder");
    if let [reminder] = &reminders[..] {
        assert_eq!((&reminder["id"], &reminder["call_id"]), (&call["follow_up_id"], &call["id"]), "{what}");
    }
    over
}

#[tokio::test]
async fn a_call_ends_with_its_leads_move_and_its_reminder_or_not_at_all() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered] {
        let mut seen = [false; 2];
        for fatal in 1.. {
            let mortal = Mortal::new(fault, fatal).await;
            let lead = mortal.ground.a_lead(&mortal.agent).await;
            let body = json!({"lead_id": lead, "phone": "9876543210"});
            let call = mortal.ground.post("/calls", body, &mortal.agent).await.data(201);
            mortal.ground.post(format!("/calls/{}/start", id(&call)), json!({}), &mortal.agent).await.expect(200);
            let body = json!({
                "status": "completed", "lead_status": "assessment", "follow_up": {"due_at": "2026-11-21T08:00:00Z"},
            });
            let end = || Ask::post(format!("/calls/{}/end", id(&call)), body.clone()).header("idempotency-key", "end");
            let what = format!("{fault:?} at write {fatal}");
            let died = mortal.dying(end(), fatal).await;
            seen[usize::from(is_over(&mortal, &call, &lead, &what).await)] = true;
            let again = mortal.ask(end()).await.data(200);
            assert!(is_over(&mortal, &call, &lead, &what).await, "{what}");
            assert_eq!(mortal.ask(end()).await.data(200), again, "{what}");
            assert_eq!(mortal.all("reminders").await.len(), 1, "{what}");
            if !died {
                assert!(fatal > 3, "the key, the transaction, the answer: {fatal}");
                break;
            }
        }
        assert!(seen[1] && (seen[0] || fault == Fault::Unanswered), "{fault:?}: {seen:?}");
    }
}

#[tokio::test]
async fn a_note_is_written_with_its_reminder_or_not_at_all() {
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered] {
        let mut seen = [false; 2];
        for fatal in 1.. {
            let mortal = Mortal::new(fault, fatal).await;
            let lead = mortal.ground.a_lead(&mortal.agent).await;
            // Its own id tells a note that is there already from one that is to be written.
            let own = domain::NoteId::at(mortal.ground.world.platform.now(), [7; 10]);
            let body = json!({
                "id": own, "content": "Wants a call", "lead_id": lead, "reminder_at": "2026-11-21T08:00:00Z",
            });
            let write = || Ask::post("/notes", body.clone()).header("idempotency-key", "note");
            let what = format!("{fault:?} at write {fatal}");
            let died = mortal.dying(write(), fatal).await;
            let (notes, reminders) = (mortal.all("notes").await, mortal.all("reminders").await);
            assert_eq!(notes.len(), reminders.len(), "{what}");
            seen[usize::from(!notes.is_empty())] = true;
            let again = mortal.ask(write()).await;
            assert!(matches!(again.status.as_u16(), 201 | 409), "{what}: {}", again.status);
            let (notes, reminders) = (mortal.all("notes").await, mortal.all("reminders").await);
            let ([note], [reminder]) = (&notes[..], &reminders[..]) else {
                panic!("{what}: {} notes and {} reminders", notes.len(), reminders.len());
            };
            assert_eq!((&note["id"], &note["reminder_at"]), (&json!(own), &reminder["due_at"]), "{what}");
            if !died {
                assert!(fatal > 3, "the key, the transaction, the answer: {fatal}");
                break;
            }
        }
        assert!(seen[1] && (seen[0] || fault == Fault::Unanswered), "{fault:?}: {seen:?}");
    }
}
