// Marks quizzes and predictions on a page without a kernel. `render` above is the widget's own, so a question looks as
// in JupyterLab. What it shows is what nasedu/widgets/quiz.py and predict.py tell it there.

const COVERED = "The answer is covered until you have written a guess down.";
const GUESS = "That is my guess";
const guesses = new Map(); // by question: a prediction is asked in one place, and answered in another

function shared(question) {
  if (!guesses.has(question)) guesses.set(question, { chosen: null, revealed: false, watchers: [] });
  return guesses.get(question);
}

function quiz(asked, state) {
  if (state.chosen === null) return { button: "That is my answer" };
  const right = state.chosen === asked.right;
  const answers = [[`You said: ${state.chosen}`, asked.why[state.chosen] ?? ""]];
  if (!right) answers.push([`The right answer: ${asked.right}`, asked.why[asked.right] ?? ""]);
  return { locked: true, mood: right ? "right" : "wrong", sign: right ? "✔ Right." : "✘ Not right.", answers };
}

function predict(asked, state) {
  if (state.revealed) {
    const stands = state.chosen ? `your prediction stands: ${state.chosen}` : "there was no prediction";
    return { locked: true, note: `The answer has been shown, and ${stands}.` };
  }
  if (state.chosen === null) return { button: GUESS, note: "Choose what you expect. Nothing is lost by being wrong." };
  const note = `Written down: ${state.chosen}. You can change it until the answer is shown; then it stands.`;
  return { locked: true, change: "Change", note };
}

function reveal(asked, state) {
  if (!state.revealed) {
    const name = { kind: "Guess first" };
    if (state.chosen === null) return { ...name, button: GUESS, skip: "Show me without a guess", note: COVERED };
    return { ...name, locked: true, button: "Show the answer", note: `You predicted: ${state.chosen}.` };
  }
  const answers = [["You predicted", state.chosen ?? "nothing"], ["It was", asked.right]];
  const right = [asked.right, ...asked.right.split(" and ")].includes(state.chosen);
  const [mood, sign] = state.chosen === null ? ["", "… No prediction."]
    : right ? ["right", "✔ Right."] : ["wrong", "✘ It went another way."];
  return { locked: true, mood, sign, answers, note: asked.because };
}

function click(kind, state, what, value) {
  if (what === "pick" && state.chosen === null) state.chosen = value;
  if (what === "change" && !state.revealed) state.chosen = null;
  if (kind === "Prediction" && what !== "change") state.revealed = true;
}

// Stands in for the kernel's model: `render` asks it for `shown`, and sends it clicks.
function modelOf(asked, content) {
  const state = asked.kind === "Quiz" ? { chosen: null, watchers: [] } : shared(asked.question);
  const view = { Quiz: quiz, Predict: predict, Prediction: reveal }[asked.kind];
  const empty = { locked: false, button: "", skip: "", change: "", note: "", sign: "", mood: "", answers: [], content: "" };
  return {
    get(name) {
      if (name !== "shown") return "";
      const now = { ...empty, kind: asked.kind, ...asked, chosen: state.chosen, ...view(asked, state) };
      return now.answers.length ? { ...now, content } : now;
    },
    on: (_, tell) => { state.watchers.push(tell); },
    off() {},
    send({ do: what, value }) {
      click(asked.kind, state, what, value);
      for (const tell of state.watchers) tell();
    },
  };
}

for (const el of document.querySelectorAll("[data-question]")) {
  const content = el.querySelector(".question-content")?.innerHTML ?? "";
  render({ model: modelOf(JSON.parse(el.dataset.question), content), el });
}
