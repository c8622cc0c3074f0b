//! A function may die at any of its writes: nothing is half written, and who asks again gets it done once.

use serde_json::{Value, json};
use standins::Fault;
use testkit::{Ask, Trap, World};

use crate::support::{Ground, id, ids};

/// What strikes a write: before it arrives, behind it, or only its answer.
const STRIKES: [Fault; 3] = [Fault::CrashBefore, Fault::CrashAfter, Fault::Unanswered];
/// More writes than any of these requests makes.
const MOST_WRITES: u64 = 8;

/// A ground whose functions are struck once, at the write that is told when all is set up.
struct Struck {
    ground: Ground,
    trap: Trap,
    fault: Fault,
}

impl Struck {
    async fn by(fault: Fault) -> Self {
        let trap = Trap::default();
        let ground = Ground::of(World::with_faults(trap.faults()).await).await;
        Self { ground, trap, fault }
    }

    /// Asks while something strikes the `nth` write from here, and again until it is answered; whether it was struck.
    async fn ask(&self, ask: impl Fn() -> Ask, nth: u64, good: &[u16]) -> bool {
        self.trap.kill([(nth, self.fault)]);
        self.ground.ask(ask(), &self.ground.admin).await;
        let struck = self.trap.revive();
        let again = self.ground.ask(ask(), &self.ground.admin).await;
        assert!(good.contains(&again.status.as_u16()), "asked again: {} {}", again.status, again.json());
        struck
    }
}

#[tokio::test]
async fn whichever_write_it_dies_at_a_call_ends_with_its_lead_and_its_follow_up_or_not_at_all() {
    let mut strikes = 0;
    for fault in STRIKES {
        for nth in 1..=MOST_WRITES {
            let struck = Struck::by(fault).await;
            let Struck { ground, .. } = &struck;
            let lead = ground.a_lead(&ground.admin).await;
            let body = json!({"lead_id": lead, "phone": "9876543210"});
            let call = ground.post("/calls", body, &ground.admin).await.data(201);
            let path = format!("/calls/{}", id(&call));
            let due_at = ground.world.platform.now() + jiff::SignedDuration::from_hours(24);
            let body = json!({"lead_status": "assessment", "outcome": "callback", "follow_up": {"due_at": due_at}});
            if !struck.ask(|| Ask::post(format!("{path}/end"), body.clone()), nth, &[200]).await {
                break;
            }
            strikes += 1;
            let ended = ground.get(&path, &ground.admin).await;
            assert_eq!((&ended["outcome"], &ended["version"]), (&json!("callback"), &json!(2)), "{fault:?} {nth}");
            let moved = Ask::get(format!("/leads/{lead}")).by(&ground.admin).of(&ground.leads).await.data(200);
            assert_eq!((&moved["status"], &moved["version"]), (&json!("assessment"), &json!(2)), "{fault:?} {nth}");
            let reminders = ground.get(format!("/reminders/agent/{}", ground.admin.user), &ground.admin).await;
            assert_eq!(ids(&reminders, "reminders"), [ended["follow_up_id"].as_str().expect("a follow-up")]);
        }
    }
    assert!(strikes >= STRIKES.len(), "{strikes} strikes");
}

#[tokio::test]
async fn whichever_write_it_dies_at_a_note_comes_with_its_reminder_or_not_at_all() {
    let mut strikes = 0;
    for fault in STRIKES {
        for nth in 1..=MOST_WRITES {
            let struck = Struck::by(fault).await;
            let Struck { ground, .. } = &struck;
            let lead = ground.a_lead(&ground.admin).await;
            let reminder_at = ground.world.platform.now() + jiff::SignedDuration::from_hours(24);
            // A client that may have to ask again brings the id.
            let body: Value = json!({
                "id": "note_01kaf0v3hteb9s1z6vqk4m2x8y", "content": "Follow up", "lead_id": lead,
                "reminder_at": reminder_at,
            });
            if !struck.ask(|| Ask::post("/notes", body.clone()), nth, &[201, 409]).await {
                break;
            }
            strikes += 1;
            let list = ground.get(format!("/notes?entityId={lead}&entityType=lead"), &ground.admin).await;
            assert_eq!(ids(&list, "notes"), ["note_01kaf0v3hteb9s1z6vqk4m2x8y"], "{fault:?} {nth}");
            let reminders = ground.get(format!("/reminders/agent/{}", ground.admin.user), &ground.admin).await;
            assert_eq!(ids(&reminders, "reminders").len(), 1, "{fault:?} {nth}");
        }
    }
    assert!(strikes >= STRIKES.len(), "{strikes} strikes");
}
