/** The keyboard's place is kept when what has the focus goes away. */
import { act, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { useFocusKeeper } from "../src/components/focusKeeper";

function Keeper({ root }: { root: HTMLElement }) {
  useFocusKeeper(root);
  return null;
}

function setUp(html: string): (id: string) => HTMLElement {
  document.body.innerHTML = `<div id="root">${html}</div><div role="dialog" id="dialog"><button id="yes">y</button><button id="no">n</button></div>`;
  const root = document.getElementById("root") as HTMLElement;
  render(<Keeper root={root} />, { container: document.body.appendChild(document.createElement("div")) });
  return (id) => document.getElementById(id) as HTMLElement;
}

const drawn = () =>
  act(async () => {
    await new Promise((resolve) => setTimeout(resolve, 60));
  });

afterEach(() => {
  document.body.innerHTML = "";
});

test("back to where it was before, once its own place is gone", async () => {
  const at = setUp('<button id="a">a</button><button id="b">b</button><button id="c">c</button>');
  at("a").focus();
  at("c").focus();
  at("c").remove();
  await drawn();
  expect(document.activeElement?.id).toBe("a");
});

test("back to the cell that Tab comes to, where a grid drew its cells anew", async () => {
  const at = setUp(
    '<div role="treegrid" id="grid"><div role="gridcell" id="old" tabindex="0"></div></div><button id="save">s</button>',
  );
  at("old").focus();
  at("save").focus();
  at("grid").innerHTML = '<div role="gridcell" id="new" tabindex="0"></div>';
  at("save").remove();
  await drawn();
  expect(document.activeElement?.id).toBe("new");
});

test("within a dialog that is open, and back to the page once it has gone", async () => {
  const at = setUp('<button id="a">a</button>');
  at("a").focus();
  at("yes").focus();
  at("yes").remove();
  await drawn();
  expect(document.activeElement?.id).toBe("no");
  at("dialog").remove();
  await drawn();
  expect(document.activeElement?.id).toBe("a");
});

test("nothing happens to who left it by a click beside", async () => {
  const at = setUp('<button id="a">a</button><span id="text">t</span>');
  at("a").focus();
  at("a").blur();
  at("text").remove();
  await drawn();
  expect(document.activeElement).toBe(document.body);
});
