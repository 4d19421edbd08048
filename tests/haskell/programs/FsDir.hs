-- Package directory on the RAM disk: existence, listing, sizes, the current directory, paths.
module Main (main) where

import Data.List
import System.Directory
import System.FilePath

main :: IO ()
main = do
  mapM (\p -> (,) <$> doesFileExist p <*> doesDirectoryExist p) ["hello.txt", "dir", "dir/sub", "none", "dir/inner.txt", ".", "dir/", "hello.txt/x", ""] >>= print
  listDirectory "dir" >>= print . sort
  listDirectory "dir/sub" >>= print . sort
  top <- listDirectory "."
  print (all (`elem` top) ["hello.txt", "dir", "text.txt"], "none" `elem` top)
  getDirectoryContents "dir" >>= print . sort
  mapM getFileSize ["empty.txt", "hello.txt", "size513.bin", "dir/inner.txt"] >>= print
  doesPathExist "dir" >>= print
  walk "dir" >>= mapM_ putStrLn
  withCurrentDirectory "dir" (readFile "inner.txt") >>= putStr
  p <- getPermissions "hello.txt"
  print (readable p)
  findFile ["none", "dir", "dir/sub"] "deep.txt" >>= print
  where
    walk d = do
      es <- sort <$> listDirectory d
      concat <$> mapM (\e -> let p = d </> e in doesDirectoryExist p >>= \isDir -> if isDir then (p :) <$> walk p else return [p]) es
