-- HasCallStack: the stack in a program's own message and in error's. The lines must be those of
-- the source.
module Main (main) where

import Control.Exception
import GHC.Stack

outer :: HasCallStack => Int -> String
outer n = inner (n + 1)

inner :: HasCallStack => Int -> String
inner n = show n ++ concatMap (\(f, l) -> "\n  " ++ f ++ " at line " ++ show (srcLocStartLine l)) (getCallStack callStack)

partial :: HasCallStack => [Int] -> Int
partial [] = error "empty list"
partial (x : _) = x

main :: IO ()
main = do
  putStrLn (outer 1)
  r <- try (evaluate (partial []))
  either (\(ErrorCallWithLocation m loc) -> putStrLn (m ++ "\n" ++ loc)) print r
  putStrLn (withFrozenCallStack (inner 9))
  r2 <- try (evaluate (undefined :: Int))
  either (\e -> print (length (lines (show (e :: ErrorCall))) > 1)) print r2
