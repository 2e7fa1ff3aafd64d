/** string.rep: the binary's own takes 50 s for 300 MB, joining pieces of 1 KB, while nobody can stop it. */
import { checkInt } from "./lua-number-library.ts";
import type { LuaVm } from "./lua-vm.ts";

export function openStringLibrary(vm: LuaVm): void {
  vm.getGlobal("string");
  vm.register({
    rep: (L) => {
      const at = vm.checkString(L, 1);
      vm.pushRepeated(L, at, vm.lengthAt(at), Math.max(0, checkInt(vm, L, 2)));
      return 1;
    },
  });
  vm.api.lua_settop(vm.state, -2);
}
