-- "+RTS ... -RTS" is taken out of the arguments and obeyed by the RTS; what follows --RTS is
-- the program's. Catches arguments that are passed on twice.
module Main (main) where

import System.Environment

main :: IO ()
main = getArgs >>= mapM_ print
