// Linux interfaces that the Swift importer cannot read: macros with casts, structs with flexible members.
#pragma once
