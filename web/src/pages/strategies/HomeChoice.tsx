import { MultiSelect, Select, TextInput } from "@mantine/core";
import { type HomeShown, NEW } from "./useHome";

/** A basket there is, or a new one, named right here. */
export function HomeChoice(home: HomeShown) {
  const there = home.baskets.map((each) => ({ value: each.basket_id, label: each.name }));
  return (
    <>
      <Select
        label="Basket"
        size="xs"
        w={190}
        allowDeselect={false}
        data={[{ value: NEW, label: "A new basket" }, ...there]}
        value={home.chosen}
        onChange={(value) => home.choose(value ?? NEW)}
      />
      {home.chosen === NEW && (
        <>
          <TextInput
            label="Name of the new basket"
            size="xs"
            w={190}
            value={home.name}
            onChange={(event) => home.rename(event.currentTarget.value)}
          />
          {home.accounts.length > 1 && (
            <MultiSelect
              label="Trades on"
              size="xs"
              miw={170}
              data={home.accounts.map((each) => ({
                value: each.account_id,
                label: each.account_name,
              }))}
              value={[...home.targets]}
              onChange={home.retarget}
            />
          )}
        </>
      )}
    </>
  );
}
